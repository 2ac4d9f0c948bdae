using System.Buffers;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class SourceTests
{
    [Fact]
    public async Task Every_kind_of_source_gives_the_same_image()
    {
        var png = Samples.Png();
        var padded = new byte[png.Length + 10];
        png.CopyTo(padded, 5);
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, png);
        var seekable = new MemoryStream(padded, 5, png.Length);
        var kinds = new Dictionary<string, Func<ImageJob, BuildNode>>
        {
            ["array"] = job => job.Decode(png),
            ["array, id"] = job => job.Decode(png, 5),
            ["segment"] = job => job.Decode(new ArraySegment<byte>(padded, 5, png.Length)),
            ["stream"] = job => job.Decode(new MemoryStream(png), true),
            ["stream, id"] = job => job.Decode(new MemoryStream(png), false, 9),
            ["file"] = job => job.DecodeFile(path),
            ["file stream"] = job => job.Decode(File.OpenRead(path), true),
            ["memory"] = job => job.Decode(MemorySource.Borrow(png)),
            ["part"] = job => job.Decode(
                MemorySource.Borrow(padded, 5, png.Length, MemoryLifetimePromise.MemoryIsOwnedByRuntime)),
            ["entire stream"] = job => job.Decode(BufferedStreamSource.BorrowEntireStream(seekable)),
            ["bytes source"] = job => job.Decode(new BytesSource(padded, 5, png.Length)),
            ["stream source"] = job => job.Decode(new StreamSource(new MemoryStream(png), true)),
            ["adapter"] = job => job.Decode(new BytesSource(png).ToMemorySource(), 2, new DecodeCommands()),
        };
        foreach (var (name, decode) in kinds)
        {
            using var job = new ImageJob();
            var result = await Samples.Run(decode(job).EncodeToBytes(new LodePngEncoder()));
            Assert.True(png.SequenceEqual(result.Bytes()), name);
        }

        File.Delete(path);
    }

    [Fact]
    public async Task A_stream_that_cannot_seek_and_gives_little_at_a_time_is_read_to_its_end()
    {
        var png = Samples.Png();
        using var job = new ImageJob();
        var result = await Samples.Run(job.Decode(new Trickle(png), true).EncodeToBytes(new LodePngEncoder()));
        Assert.Equal(png, result.Bytes());
    }

    [Fact]
    public async Task Sources_are_disposed_with_the_job_and_owners_with_the_source()
    {
        var owner = new Owner(Samples.Png());
        var stream = new MemoryStream(Samples.Png());
        var lent = new MemoryStream(Samples.Png());
        var job = new ImageJob();
        var first = job.Decode(MemorySource.TakeOwnership(
            owner, MemoryLifetimePromise.MemoryOwnerDisposedByMemorySource));
        var second = job.Decode(BufferedStreamSource.UseEntireStreamAndDisposeWithSource(stream));
        job.Decode(lent, disposeStream: false).EncodeToBytes(new GifEncoder());
        second.EncodeToBytes(new GifEncoder());
        await Samples.Run(first.EncodeToBytes(new GifEncoder()));
        Assert.False(owner.IsDisposed);
        job.Dispose();
        Assert.True(owner.IsDisposed);
        Assert.False(stream.CanRead);
        Assert.True(lent.CanRead);
        Assert.Throws<ObjectDisposedException>(() => job.Decode(Samples.Png()));
    }

    [Fact]
    public async Task Image_info_disposes_the_source_unless_borrowed()
    {
        foreach (var (lifetime, disposed) in new[]
        {
            (SourceLifetime.Borrowed, false),
            (SourceLifetime.TransferOwnership, true),
            (SourceLifetime.NowOwnedAndDisposedByTask, true),
        })
        {
            var stream = new MemoryStream(Samples.Jpeg());
            var source = BufferedStreamSource.UseEntireStreamAndDisposeWithSource(stream);
            var info = await ImageJob.GetImageInfoAsync(source, lifetime);
            Assert.Equal((64L, 48L, PixelFormat.Bgr_32), (info.ImageWidth, info.ImageHeight, info.FrameDecodesInto));
            Assert.Equal(disposed, !stream.CanRead);
        }

        Assert.Equal(64L, (await ImageJob.GetImageInfo(new BytesSource(Samples.Gif()))).ImageWidth);
    }

    [Fact]
    public void A_promise_about_an_owner_needs_an_owner() => Assert.Throws<ArgumentException>(() =>
        MemorySource.Borrow(new byte[1], MemoryLifetimePromise.MemoryOwnerDisposedByMemorySource));

    private sealed class Owner(byte[] bytes) : IMemoryOwner<byte>
    {
        public bool IsDisposed { get; private set; }

        public Memory<byte> Memory => bytes;

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7));

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            var chunk = new byte[7];
            int read;
            while ((read = Read(chunk, 0, chunk.Length)) > 0)
            {
                destination.Write(chunk, 0, read);
            }

            return Task.CompletedTask;
        }
    }
}
