using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

/// <summary>The snippets of README.md: each is here between the same lines, and a test compares the two.</summary>
public sealed class QuickstartTests : IDisposable
{
    private readonly string _before = Directory.GetCurrentDirectory();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public QuickstartTests()
    {
        Directory.SetCurrentDirectory(_folder.FullName);
        File.WriteAllBytes("in.jpg", Samples.Jpeg(800, 600));
        File.WriteAllBytes("logo.png", Samples.Png(20, 20));
    }

    [Fact]
    public async Task Quickstart()
    {
        var bytes = File.ReadAllBytes("in.jpg");

        // snippet
        using var job = new ImageJob();
        var r = await job.Decode(bytes).ConstrainWithin(400, null)
                         .EncodeToBytes(new MozJpegEncoder(80, true)).Finish().InProcessAsync();
        File.WriteAllBytes("o.jpg", r.First!.TryGetBytes()!.Value.ToArray());
        // end
        var info = ImageJob.GetImageInfo(FileSource.FromPath("o.jpg"), SourceLifetime.TransferOwnership);
        Assert.Equal((400L, 300L, "image/jpeg"), (info.ImageWidth, info.ImageHeight, info.PreferredMimeType));
    }

    [Fact]
    public async Task Outputs()
    {
        // snippet
        using var job = new ImageJob();
        var result = await job.DecodeFile("in.jpg")
            .Branch(image => image.ConstrainWithin(1600, null).EncodeToFile("large.webp", new WebPLossyEncoder(80)))
            .Branch(image => image.Constrain(new Constraint(ConstraintMode.Fit_Crop, 200, 200))
                .EncodeToFile("square.png", new PngQuantEncoder(90, 60)))
            .Watermark(new FileSource("logo.png"), new WatermarkOptions().SetOpacity(0.5f).SetMarginsLayout(
                new WatermarkMargins(WatermarkAlign.Image, 10, 10, 10, 10),
                WatermarkConstraintMode.Within,
                new ConstraintGravity(100, 100)))
            .EncodeToStream(File.Create("marked.jpg"), disposeStream: true, new MozJpegEncoder(85))
            .Finish()
            .InProcessAsync();
        foreach (var image in result.EncodeResults)
        {
            Console.WriteLine($"{image.IoId}: {image.Width}×{image.Height} {image.PreferredMimeType}");
        }
        // end
        Assert.Equal(3, result.EncodeResults.Count);
        Assert.Equal((200, 200), (result[2].Width, result[2].Height));
        Assert.True(new FileInfo("large.webp").Length > 0 && new FileInfo("marked.jpg").Length > 0);
    }

    [Fact]
    public async Task Querystring()
    {
        // snippet
        using var job = new ImageJob();
        await job.BuildCommandString("in.jpg", "out.webp", "width=300&height=200&mode=crop&format=webp")
            .Finish().InProcessAsync();
        // end
        Assert.True(File.Exists("out.webp"));
    }

    [Fact]
    public async Task Errors()
    {
        var console = Console.Out;
        var printed = new StringWriter();
        Console.SetOut(printed);

        // snippet
        try
        {
            using var job = new ImageJob();
            await job.Decode("not an image"u8.ToArray()).EncodeToBytes(new GifEncoder()).Finish()
                .SetSecurityOptions(new SecurityOptions().SetMaxDecodeSize(new FrameSizeLimit(8000, 8000, 40)))
                .SetCancellationTimeout(5000)
                .InProcessAsync();
        }
        catch (Imageflow.Bindings.ImageflowException e)
        {
            Console.WriteLine($"{e.ErrorCode}, HTTP {e.HttpStatusCode}"); // 4, HTTP 400
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("took too long");
        }
        // end
        Console.SetOut(console);
        Assert.Equal("4, HTTP 400", printed.ToString().Trim());
    }

    [Fact]
    public void Every_snippet_of_the_readme_is_tested()
    {
        var readme = Fences(File.ReadAllText(Places.InBinding("README.md")));
        var source = File.ReadAllText(Places.InBinding("tests", "Imageflow.Net.Test", "QuickstartTests.cs"));
        var tested = source.Split("// snippet\n").Skip(1)
            .Where(part => part.Contains("// end\n"))
            .Select(part => Squeezed(part.Split("// end\n")[0]))
            .ToHashSet();
        Assert.True(readme.Count >= 4, $"Only {readme.Count} snippets.");
        foreach (var snippet in readme)
        {
            Assert.True(tested.Contains(Squeezed(snippet)), $"Not tested:\n{snippet}");
        }
    }

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_before);
        _folder.Delete(true);
    }

    private static List<string> Fences(string markdown) => markdown.Split("```csharp\n").Skip(1)
        .Select(part => part.Split("```")[0]).ToList();

    /// <summary>Indentation does not matter.</summary>
    private static string Squeezed(string code) =>
        string.Join("\n", code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
