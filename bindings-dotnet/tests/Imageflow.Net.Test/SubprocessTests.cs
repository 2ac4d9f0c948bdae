using Imageflow.Bindings;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

/// <summary>Uses imageflow_tool beside the library, or the one that IMAGEFLOW_TOOL names.</summary>
public class SubprocessTests
{
    private static string Tool
    {
        get
        {
            if (Environment.GetEnvironmentVariable("IMAGEFLOW_TOOL") is { Length: > 0 } setting)
            {
                return setting;
            }

            var library = NativeLibraryLoader.Load().Path;
            return Path.Combine(Path.GetDirectoryName(library)!, "imageflow_tool");
        }
    }

    [Fact]
    public async Task A_subprocess_gives_what_the_process_gives()
    {
        using var job = new ImageJob();
        job.Decode(Samples.Png())
            .Branch(node => node.ConstrainWithin(20, null).EncodeToBytes(new GifEncoder()))
            .FlipVertical()
            .EncodeToBytes(new LodePngEncoder());
        var result = await job.Finish().InSubprocessAsync(Tool);
        using var again = new ImageJob();
        var expected = await Samples.Run(again.Decode(Samples.Png()).FlipVertical().EncodeToBytes(new LodePngEncoder()));
        Assert.Equal(2, result.EncodeResults.Count);
        Assert.Equal(20, result[1].Width);
        Assert.Equal(expected.Bytes(), result[2].Bytes());
    }

    [Fact]
    public async Task An_atomic_file_is_written_from_a_subprocess_too()
    {
        var folder = Directory.CreateTempSubdirectory();
        var path = Path.Combine(folder.FullName, "out.png");
        using (var job = new ImageJob())
        {
            await job.Decode(Samples.Png())
                .Encode(new FileDestination(path, new FileDestinationOptions(true, false, false)), new LodePngEncoder())
                .Finish()
                .InSubprocessAsync(Tool);
        }

        Assert.Equal(Samples.Png(), File.ReadAllBytes(path));
        folder.Delete(true);
    }

    [Fact]
    public async Task A_failing_subprocess_is_an_ImageflowException()
    {
        using var job = new ImageJob();
        var error = await Assert.ThrowsAsync<ImageflowException>(() =>
            job.Decode(Samples.Png()[..60]).EncodeToBytes(new GifEncoder()).Finish().InSubprocessAsync(Tool));
        Assert.Contains("ImageMalformed", error.Message);
        Assert.Equal(400, error.HttpStatusCode);
    }

    [Fact]
    public async Task A_cancelled_subprocess_ends()
    {
        using var job = new ImageJob();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job
            .CreateCanvasBgra32(6000, 6000, AnyColor.FromHexSrgb("ff880040"))
            .Distort(5999, 5990)
            .Distort(6000, 6000)
            .EncodeToBytes(new WebPLossyEncoder(90))
            .Finish()
            .SetCancellationTimeout(100)
            .InSubprocessAsync(Tool));
        Assert.InRange(clock.ElapsedMilliseconds, 90, 1000);
    }

    [Fact]
    public async Task Prepared_files_are_complete_and_deleted_when_asked()
    {
        foreach (var delete in new[] { true, false })
        {
            using var job = new ImageJob();
            var prepared = await job.Decode(Samples.Png()).EncodeToBytes(new GifEncoder()).Finish()
                .WriteJsonJobAndInputs(deleteFilesOnDispose: delete);
            var folder = Path.GetDirectoryName(prepared.JsonPath)!;
            var (exitCode, output) = ChildProcess.Run(Tool, ["v1/build", "--json", prepared.JsonPath]);
            Assert.True(exitCode == 0, output);
            Assert.True(File.Exists(prepared.OutputFiles[1]));
            prepared.Dispose();
            Assert.Equal(!delete, Directory.Exists(folder));
            if (!delete)
            {
                Directory.Delete(folder, true);
            }
        }
    }

    [Fact]
    public async Task A_tool_that_is_nowhere_is_named()
    {
        using var job = new ImageJob();
        job.Decode(Samples.Png()).EncodeToBytes(new GifEncoder());
        if (ExecutableLocator.FindExecutable("imageflow_tool") == null)
        {
            var error = await Assert.ThrowsAsync<FileNotFoundException>(() => job.Finish().InSubprocessAsync());
            Assert.Contains("imageflow_tool: put it on PATH", error.Message);
        }
        else
        {
            Assert.Equal(64, (await job.Finish().InSubprocessAsync()).First!.Width);
        }
    }
}
