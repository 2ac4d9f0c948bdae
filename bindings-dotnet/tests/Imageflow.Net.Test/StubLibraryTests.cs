using Xunit;

namespace Imageflow.Net.Test;

/// <summary>What the package does at the ABI, seen by a library that logs instead of processing images.</summary>
public sealed class StubLibraryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    [Fact]
    public void Inputs_are_not_copied_and_outputs_are_taken_and_freed()
    {
        var (output, log) = RunStub("pinned");
        var lines = output.Split('\n');
        Assert.Equal(lines[1].Replace("input ", ""), lines[0].Replace("output ", "")); // the library saw the array itself
        Assert.Equal(["add length=1000 lifetime=1", "take", "free own=1 length=12", "destroy intact=1"], log);
    }

    [Fact]
    public void A_library_without_take_has_its_outputs_copied()
    {
        var (output, log) = RunStub("pinned", "-DABI_MINOR=1");
        Assert.Contains("output ", output);
        Assert.Equal(["add length=1000 lifetime=1", "get", "destroy intact=1"], log);
    }

    [Fact]
    public void A_context_nobody_disposes_is_destroyed_by_the_collector_with_its_input_intact()
    {
        var (_, log) = RunStub("dropped");
        Assert.Equal(["add length=1000 lifetime=1", "destroy intact=1"], log);
    }

    [Fact]
    public void A_library_of_another_ABI_is_refused_with_both_versions()
    {
        var (exitCode, output) = ChildProcess.RunApp("pinned", Compile("-DABI_MAJOR=4", "-DABI_MINOR=0"));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("has imageflow ABI 4.0; this version of Imageflow.Net needs 3.1 or a later 3.x", output);
    }

    public void Dispose() => _folder.Delete(true);

    private (string Output, string[] Log) RunStub(string command, params string[] definitions)
    {
        var log = Path.Combine(_folder.FullName, "log");
        var (exitCode, output) = ChildProcess.RunApp(
            command, Compile(definitions), new Dictionary<string, string?> { ["STUB_LOG"] = log });
        Assert.True(exitCode == 0, output);
        return (output, File.ReadAllLines(log));
    }

    private string Compile(params string[] definitions)
    {
        var library = Path.Combine(_folder.FullName, "libimageflow.so");
        var source = Places.InBinding("tests", "Imageflow.Net.Test", "stub.c");
        var (exitCode, output) = ChildProcess.Run("cc", ["-shared", "-fPIC", .. definitions, "-o", library, source]);
        Assert.True(exitCode == 0, output);
        return library;
    }
}
