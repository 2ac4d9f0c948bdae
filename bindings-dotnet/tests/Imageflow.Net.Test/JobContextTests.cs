using System.Text;
using System.Text.Json.Nodes;
using Imageflow.Bindings;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class JobContextTests
{
    private static readonly JsonNode ToGif = JsonNode.Parse(
        """{"framewise":{"steps":[{"decode":{"io_id":0}},{"encode":{"io_id":1,"preset":"gif"}}]}}""")!;

    [Fact]
    public void Every_way_to_add_an_input_reads_the_same_image()
    {
        var png = Samples.Png();
        var padded = new byte[png.Length + 10];
        png.CopyTo(padded, 5);
        var ways = new Action<JobContext>[]
        {
            c => c.AddInputBytes(0, png),
            c => c.AddInputBytes(0, new ArraySegment<byte>(padded, 5, png.Length)),
            c => c.AddInputBytes(0, padded, 5, png.Length),
            c => c.AddInputBytes(0, png.AsSpan()),
            c => c.AddInputBytesPinned(0, png),
            c => c.AddInputBytesPinned(0, new ArraySegment<byte>(padded, 5, png.Length)),
            c => c.AddInputBytesPinned(0, padded, 5, png.Length),
            c => c.AddInputBytesPinned(0, png, MemoryLifetimePromise.MemoryValidUntilAfterJobDisposed),
        };
        foreach (var add in ways)
        {
            using var context = new JobContext();
            add(context);
            Assert.True(context.ContainsIoId(0));
            Assert.False(context.ContainsIoId(1));
            var info = context.GetImageInfo(0);
            Assert.Equal((64L, 48L, "image/png", "png"),
                (info.ImageWidth, info.ImageHeight, info.PreferredMimeType, info.PreferredExtension));
            Assert.Throws<ArgumentException>(() => context.AddOutputBuffer(0));
            Assert.False(context.HasError);
        }
    }

    [Fact]
    public void Every_way_to_send_a_message_gives_the_same_answer()
    {
        var utf8 = Encoding.UTF8.GetBytes(ToGif.ToJsonString());
        var ways = new Func<JobContext, JsonNode?>[]
        {
            c => c.Invoke("v1/execute", utf8).Parse(),
            c => c.Invoke("v1/execute", utf8, CancellationToken.None).Parse(),
            c => JsonNode.Parse(c.Invoke("v1/execute", utf8).CopyBytes()),
            c => c.InvokeAndParse("v1/execute", ToGif),
            c => c.InvokeAndParse("v1/execute", ToGif, CancellationToken.None),
            c => c.InvokeExecute(ToGif).Parse(),
            c => c.InvokeExecute(ToGif, CancellationToken.None).Parse(),
            c => c.SendJsonBytes("v1/execute", utf8).DeserializeJsonNode(),
            c => JsonNode.Parse(c.SendMessage("v1/execute", ToGif).GetString()),
            c => c.ExecuteJsonNode(ToGif).DeserializeJsonNode(),
            c => c.Execute(new
            {
                framewise = new
                {
                    steps = new object[]
                    {
                        new { decode = new { io_id = 0 } },
                        new { encode = new { io_id = 1, preset = new GifEncoder().ToImageflowDynamic() } },
                    },
                },
            }).DeserializeJsonNode(),
            c => c.ExecuteImageResizer4CommandString(0, 1, "format=gif").DeserializeJsonNode(),
        };
        foreach (var send in ways)
        {
            using var context = new JobContext();
            context.AddInputBytesPinned(0, Samples.Png());
            context.AddOutputBuffer(1);
            var encode = send(context)!["data"]!["job_result"]!["encodes"]![0]!;
            Assert.Equal("image/gif", (string?)encode["preferred_mime_type"]);
            using var stream = context.GetOutputBuffer(1);
            context.Dispose();
            var bytes = new byte[6];
            Assert.Equal(6, stream.Read(bytes, 0, 6)); // the stream keeps the job alive
            Assert.Equal("GIF89a", Encoding.ASCII.GetString(bytes));
            stream.Dispose();
            Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        }
    }

    [Fact]
    public void The_version_is_complete()
    {
        using var context = new JobContext();
        var version = context.GetVersionInfo();
        Assert.True(version.LongVersionString.Length > 0);
        Assert.True(version.LastGitCommit.Length > 0);
        Assert.InRange(version.BuildDate, new DateTimeOffset(2020, 1, 1, 0, 0, 0, default), DateTimeOffset.MaxValue);
    }

    [Fact]
    public void A_disposed_job_says_so()
    {
        var context = new JobContext();
        context.Dispose();
        context.Dispose();
        Assert.True(context.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => context.AssertReady());
        Assert.Throws<ObjectDisposedException>(() => context.Invoke("v1/get_version_info"));
        Assert.Throws<ObjectDisposedException>(() => context.AddOutputBuffer(0));
    }

    [Fact]
    public void Parts_outside_the_array_are_refused()
    {
        using var context = new JobContext();
        Assert.Equal("offset", Assert.Throws<ArgumentOutOfRangeException>(() =>
            context.AddInputBytes(0, new byte[4], 5, 0)).ParamName);
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() =>
            context.AddInputBytesPinned(0, new byte[4], 2, 3)).ParamName);
        Assert.Throws<ArgumentNullException>(() => context.AddInputBytes(0, (byte[])null!));
        Assert.False(context.ContainsIoId(0));
    }
}
