using System.Text.Json.Nodes;
using Imageflow.Bindings;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class ErrorTests
{
    [Fact]
    public async Task Bytes_that_are_no_image_are_malformed()
    {
        using var job = new ImageJob();
        var error = await Assert.ThrowsAsync<ImageflowException>(() =>
            Samples.Run(job.Decode("this is not an image"u8.ToArray()).EncodeToBytes(new GifEncoder())));
        Assert.Equal((4, 400), (error.ErrorCode, error.HttpStatusCode));
        Assert.Contains("NoEnabledDecoderFound", error.Message);
    }

    [Fact]
    public async Task A_damaged_image_is_malformed_and_the_message_is_attached()
    {
        using var job = new ImageJob();
        var error = await Assert.ThrowsAsync<ImageflowException>(() =>
            Samples.Run(job.Decode(Samples.Png()[..60]).EncodeToBytes(new GifEncoder())));
        Assert.Equal((4, 400), (error.ErrorCode, error.HttpStatusCode));
        Assert.Contains("ImageMalformed", error.Message);
        Assert.Contains("\nAdditional info: JSON:\n{\"framewise\":", error.Message);
        Assert.Equal(400, (int)error.Response!["code"]!);
    }

    [Fact]
    public async Task A_bad_argument_of_a_node_is_an_invalid_argument()
    {
        using var job = new ImageJob();
        var error = await Assert.ThrowsAsync<ImageflowException>(() =>
            Samples.Run(job.Decode(Samples.Png()).Crop(10, 10, 5, 5).EncodeToBytes(new GifEncoder())));
        Assert.Equal((2, 400), (error.ErrorCode, error.HttpStatusCode));
    }

    [Fact]
    public async Task A_limit_of_the_security_options_is_an_invalid_argument()
    {
        using var job = new ImageJob();
        var error = await Assert.ThrowsAsync<ImageflowException>(() =>
            job.Decode(Samples.Png()).EncodeToBytes(new GifEncoder()).Finish()
                .SetSecurityOptions(new SecurityOptions().SetMaxDecodeSize(new FrameSizeLimit(63, 1000, 10)))
                .InProcessAsync());
        Assert.Equal((2, 400), (error.ErrorCode, error.HttpStatusCode));
        Assert.Contains("exceeds max_decode_size.w 63", error.Message);
    }

    [Theory]
    [InlineData("{\"framewise\":{\"steps\":[{\"no_such_node\":{}}]}}", 3)]
    [InlineData("{\"framewise\":", 3)]
    [InlineData("{\"framewise\":{\"steps\":[{\"decode\":{\"io_id\":5}}]}}", 2)]
    [InlineData("{\"framewise\":{\"graph\":{\"nodes\":{\"a\":\"flip_v\"},\"edges\":[]}}}", 7)]
    public void A_bad_message_has_its_category(string json, int category)
    {
        using var context = new JobContext();
        var error = Assert.Throws<ImageflowException>(() =>
            context.Invoke("v1/execute", System.Text.Encoding.UTF8.GetBytes(json)));
        Assert.Equal((category, 400), (error.ErrorCode, error.HttpStatusCode));
        Assert.True(context.HasError);
        Assert.Throws<ImageflowException>(() => context.AssertReady());
    }

    [Fact]
    public void A_file_the_engine_cannot_open_is_an_io_error()
    {
        using var context = new JobContext();
        var error = Assert.Throws<ImageflowException>(() => context.InvokeAndParse("v1/build", JsonNode.Parse(
            """{"io":[{"io_id":0,"direction":"in","io":{"file":"/no/such/file"}}],"framewise":{"steps":[]}}""")!));
        Assert.Equal((16, 500), (error.ErrorCode, error.HttpStatusCode));
    }

    [Fact]
    public void An_unknown_endpoint_is_an_invalid_argument()
    {
        using var context = new JobContext();
        var error = Assert.Throws<ImageflowException>(() => context.Invoke("v1/nothing"));
        Assert.Equal(2, error.ErrorCode);
        Assert.Contains("InvalidMessageEndpoint", error.Message);
    }

    [Fact]
    public void A_teapot_is_no_error()
    {
        using var context = new JobContext();
        using var response = context.Invoke("v1/brew_coffee");
        Assert.Equal(418, response.ImageflowErrorCode);
        Assert.Contains("teapot", response.CopyString());
        Assert.False(context.HasError);
    }

    [Fact]
    public async Task A_missing_file_is_the_hosts_own_error()
    {
        using var job = new ImageJob();
        await Assert.ThrowsAsync<FileNotFoundException>(() =>
            Samples.Run(job.DecodeFile("/no-such-file.png").EncodeToBytes(new GifEncoder())));
    }

    [Fact]
    public async Task A_failed_job_leaves_no_output()
    {
        var path = Path.GetTempFileName();
        File.Delete(path);
        using (var job = new ImageJob())
        {
            await Assert.ThrowsAsync<ImageflowException>(() =>
                Samples.Run(job.Decode(Samples.Png()[..60]).EncodeToFile(path, new GifEncoder())));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        using var job = new ImageJob();
        Assert.Equal("w", Assert.Throws<ArgumentNullException>(() => new Constraint(null, null)).ParamName);
        Assert.Contains("\"xyz\"", Assert.Throws<ArgumentException>(() => SrgbColor.FromHex("xyz")).Message);
        var node = job.Decode(Samples.Png(), 3);
        Assert.Contains("io_id 3", Assert.Throws<ArgumentException>(() => job.Decode(Samples.Png(), 3)).Message);
        Assert.Equal(4, job.GenerateIoId());
        Assert.Throws<ArgumentException>(() =>
            ImageJob.GetImageInfo(new MemorySource([]), SourceLifetime.TransferOwnership));
        Assert.Throws<ArgumentException>(() => BufferedStreamSource.BorrowEntireStream(
            new System.IO.Compression.DeflateStream(new MemoryStream(), System.IO.Compression.CompressionMode.Compress)));
        using var other = new ImageJob();
        Assert.Throws<ArgumentException>(() =>
            node.CopyRectTo(other.CreateCanvasBgr32(9, 9, AnyColor.Black), default, default));
    }
}
