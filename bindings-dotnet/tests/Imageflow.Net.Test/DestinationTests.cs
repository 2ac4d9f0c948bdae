using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class DestinationTests
{
    [Fact]
    public async Task A_stream_gets_the_image_and_ends_with_it()
    {
        var stream = new MemoryStream();
        stream.Write(new byte[100_000]);
        stream.Position = 3;
        using (var job = new ImageJob())
        {
            await Samples.Run(job.Decode(Samples.Png()).EncodeToStream(stream, false, new LodePngEncoder()));
        }

        Assert.Equal(Samples.Png(), stream.ToArray().Skip(3).ToArray());
        using (var job = new ImageJob())
        {
            await Samples.Run(job.Decode(Samples.Png()).EncodeToStream(stream, true, new LodePngEncoder()));
        }

        Assert.False(stream.CanWrite);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_is_replaced(bool atomic)
    {
        var folder = Directory.CreateTempSubdirectory();
        var path = Path.Combine(folder.FullName, "out.png");
        File.WriteAllBytes(path, new byte[100_000]);
        using (var job = new ImageJob())
        {
            var destination = new FileDestination(path, new FileDestinationOptions(atomic, false, false));
            await Samples.Run(job.Decode(Samples.Png()).Encode(destination, new LodePngEncoder()));
        }

        Assert.Equal(Samples.Png(), File.ReadAllBytes(path));
        Assert.Equal(1, folder.GetFiles().Length);
        folder.Delete(true);
    }

    [Fact]
    public async Task A_querystring_goes_from_file_to_file()
    {
        var folder = Directory.CreateTempSubdirectory();
        var (from, to) = (Path.Combine(folder.FullName, "in.jpg"), Path.Combine(folder.FullName, "out.webp"));
        File.WriteAllBytes(from, Samples.Jpeg());
        using (var job = new ImageJob())
        {
            await Samples.Run(job.BuildCommandString(from, to, "w=20&format=webp"));
        }

        Assert.Equal("image/webp", ImageJob.GetImageInfo(
            FileSource.FromPath(to), SourceLifetime.TransferOwnership).PreferredMimeType);
        folder.Delete(true);
    }

    [Fact]
    public async Task A_users_destination_sees_capacity_writes_and_flush()
    {
        var destination = new Recording();
        using (var job = new ImageJob())
        {
            await Samples.Run(job.Decode(Samples.Png()).Encode(destination, new LodePngEncoder()));
        }

        var size = Samples.Png().Length;
        Assert.Equal($"capacity {size}, write {size}, flush, dispose", string.Join(", ", destination.Calls));
    }

    [Fact]
    public async Task A_class_derived_from_ours_has_its_own_write_called()
    {
        using var job = new ImageJob();
        var destination = new Derived();
        await Samples.Run(job.Decode(Samples.Png()).Encode(destination, new LodePngEncoder()));
        Assert.True(destination.Written);
    }

    [Fact]
    public async Task Bytes_outlive_the_job()
    {
        var job = new ImageJob();
        var result = await job.Decode(Samples.Png()).EncodeToBytes(new LodePngEncoder()).Finish()
            .InProcessAndDisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => job.Decode(Samples.Png()));
        Assert.Equal(Samples.Png(), result.First!.Bytes());
        Assert.Null((result.First with { Destination = new Recording() }).TryGetBytes());
    }

    [Fact]
    public void Many_small_writes_to_bytes_are_kept()
    {
        using var destination = new BytesDestination();
        Assert.Equal(0, destination.GetBytes().Count);
        for (var i = 0; i < 10_000; i++)
        {
            destination.Write([(byte)i]);
        }

        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => (byte)i), destination.GetBytes());
    }

    private sealed class Recording : IOutputDestination
    {
        public List<string> Calls { get; } = [];

        public Task RequestCapacityAsync(int bytes) => Add($"capacity {bytes}");

        public Task WriteAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken) =>
            Add($"write {bytes.Count}");

        public Task FlushAsync(CancellationToken cancellationToken) => Add("flush");

        public void Dispose() => Add("dispose");

        private Task Add(string call)
        {
            Calls.Add(call);
            return Task.CompletedTask;
        }
    }

    private sealed class Derived : BytesDestination, IOutputDestination
    {
        public bool Written { get; private set; }

        Task IOutputDestination.WriteAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken)
        {
            Written = true;
            return Task.CompletedTask;
        }
    }
}
