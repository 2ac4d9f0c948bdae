using Imageflow.Bindings;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class FormatTests
{
    private static readonly (string Preset, string Mime, string Extension, string Magic)[] Outputs =
    [
        ("jpg", "image/jpeg", "jpg", "FFD8FF"),
        ("png", "image/png", "png", "89504E470D0A1A0A"),
        ("png8", "image/png", "png", "89504E470D0A1A0A"),
        ("gif", "image/gif", "gif", "474946383961"),
        ("webp", "image/webp", "webp", "52494646"),
        ("webpll", "image/webp", "webp", "52494646"),
    ];

    [Theory]
    [InlineData("jpg", "image/jpeg")]
    [InlineData("png", "image/png")]
    [InlineData("gif", "image/gif")]
    [InlineData("webp", "image/webp")]
    public async Task Each_format_is_decoded_resized_and_encoded_to_each(string format, string mime)
    {
        var bytes = Samples.ByFormat(format);
        foreach (var output in Outputs)
        {
            using var job = new ImageJob();
            var result = await job.Decode(bytes).ConstrainWithin(32, null)
                .EncodeToBytes(Samples.Preset(output.Preset)).Finish().InProcessAsync();
            var encoded = result.First!;
            Assert.Equal((32, 24), (encoded.Width, encoded.Height));
            Assert.Equal((output.Mime, output.Extension), (encoded.PreferredMimeType, encoded.PreferredExtension));
            Assert.StartsWith(output.Magic, Convert.ToHexString(encoded.Bytes()));
            var decoded = result.DecodeResults.Single();
            Assert.Equal((64, 48, mime), (decoded.Width, decoded.Height, decoded.PreferredMimeType));
            var info = ImageJob.GetImageInfo(new MemorySource(encoded.Bytes()), SourceLifetime.TransferOwnership);
            Assert.Equal((32L, 24L, output.Mime), (info.ImageWidth, info.ImageHeight, info.PreferredMimeType));
        }
    }

    [Fact]
    public async Task Real_files_are_decoded_and_resized()
    {
        var files = Places.Corpus == null ? [] : Directory
            .EnumerateFiles(Places.Corpus, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".jpg" or ".png" or ".gif" or ".webp")
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}malformed{Path.DirectorySeparatorChar}"))
            .Where(file => new FileInfo(file).Length is > 0 and < 200_000)
            .OrderBy(file => file, StringComparer.Ordinal)
            .ToList();
        var (read, refused) = (0, 0);
        foreach (var file in files.Where((_, i) => i % Math.Max(1, files.Count / 60) == 0))
        {
            try
            {
                var info = await ImageJob.GetImageInfoAsync(FileSource.FromPath(file), SourceLifetime.TransferOwnership);
                using var job = new ImageJob();
                var result = await Samples.Run(
                    job.DecodeFile(file).ConstrainWithin(40, 40).EncodeToBytes(new WebPLossyEncoder(70)));
                Assert.InRange(result.Width, 1, 40);
                Assert.InRange(result.Height, 1, 40);
                Assert.True(info.ImageWidth > 40 || info.ImageHeight > 40 || result.Width == info.ImageWidth);
                read++;
            }
            catch (ImageflowException e)
            {
                // A corpus has damaged files too; they must be refused as damaged, or as too large, nothing else.
                Assert.True(e.ErrorCode is 4 or 2, $"{file}: {e.Message}");
                refused++;
            }
        }

        Console.WriteLine($"       corpus: {read} files read, {refused} refused");
        Assert.True(files.Count == 0 || read > 3 * refused, $"{read} files read, {refused} refused.");
    }

    [Fact]
    public async Task A_lossless_round_trip_keeps_the_colour()
    {
        using var job = new ImageJob();
        var png = await Samples.Run(
            job.CreateCanvasBgr32(3, 2, AnyColor.FromHexSrgb("#123456")).EncodeToBytes(new LodePngEncoder()));
        using var again = new ImageJob();
        var first = await Samples.Run(again.Decode(png.Bytes()).FlipVertical().FlipHorizontal()
            .EncodeToBytes(new LodePngEncoder()));
        Assert.Equal(png.Bytes(), first.Bytes());
    }

    [Fact]
    public async Task Several_outputs_come_by_id()
    {
        using var job = new ImageJob();
        var result = await job.Decode(Samples.Png())
            .Branch(node => node.ConstrainWithin(10, null).EncodeToBytes(new GifEncoder()))
            .Branch(node => node.ConstrainWithin(20, null).Encode(new BytesDestination(), 7, new LodePngEncoder()))
            .EncodeToBytes(new WebPLosslessEncoder())
            .Finish().InProcessAsync();
        Assert.Equal(new[] { 1, 7, 8 }, result.EncodeResults.Select(encode => encode.IoId));
        Assert.Equal(10, result.First!.Width);
        Assert.Equal(20, result[7].Width);
        Assert.Equal(64, result.TryGet(8)!.Width);
        Assert.Null(result.TryGet(2));
        Assert.Contains("ms)", result.PerformanceDetails.GetFirstFrameSummary());
    }

    [Fact]
    public async Task A_querystring_runs_with_watermarks()
    {
        using var job = new ImageJob();
        var mark = new InputWatermark(
            new MemorySource(Samples.Png(8, 8)),
            new WatermarkOptions()
                .SetMarginsLayout(
                    new WatermarkMargins(WatermarkAlign.Image, 1, 1, 1, 1),
                    WatermarkConstraintMode.Within,
                    new ConstraintGravity(100, 100))
                .SetOpacity(0.5f));
        var marked = await Samples.Run(job.BuildCommandString(
            new MemorySource(Samples.Png()), new BytesDestination(), "w=32&h=20&mode=crop&format=png", [mark]));
        using var plainJob = new ImageJob();
        var plain = await Samples.Run(plainJob.BuildCommandString(
            Samples.Png(), new BytesDestination(), "w=32&h=20&mode=crop&format=png"));
        Assert.Equal(2, mark.IoId);
        Assert.Equal((32, 20, "image/png"), (marked.Width, marked.Height, marked.PreferredMimeType));
        Assert.NotEqual(plain.Bytes(), marked.Bytes());
    }

    [Fact]
    public void Magic_bytes_tell_formats_apart()
    {
        foreach (var format in new[] { "jpg", "png", "gif", "webp" })
        {
            var first = Samples.ByFormat(format)[..12];
            Assert.True(ImageJob.CanDecodeBytes(first));
            Assert.Equal("image/" + (format == "jpg" ? "jpeg" : format), ImageJob.GetContentTypeForBytes(first));
        }

        Assert.Null(ImageJob.GetContentTypeForBytes(new byte[12]));
        Assert.Throws<ArgumentException>(() => ImageJob.CanDecodeBytes(new byte[11]));
    }
}
