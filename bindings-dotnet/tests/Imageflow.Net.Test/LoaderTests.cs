using System.Runtime.InteropServices;
using Imageflow.Bindings;
using Xunit;

namespace Imageflow.Net.Test;

public sealed class LoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private static string RealLibrary => NativeLibraryLoader.Load().Path;

    [Fact]
    public void The_setting_may_be_a_file_or_a_folder()
    {
        Assert.Equal(RealLibrary, NativeLibraryLoader.Load(RealLibrary).Path);
        Assert.Equal(RealLibrary, NativeLibraryLoader.Load(Path.GetDirectoryName(RealLibrary)!).Path);
    }

    [Fact]
    public void A_setting_that_cannot_be_followed_is_an_error_that_says_why()
    {
        var broken = Path.Combine(_folder.FullName, "libimageflow.so");
        File.WriteAllText(broken, new string('x', 1000)); // shorter ones are "too short"
        foreach (var (setting, reason) in new[] { (broken, "invalid ELF header"), ("/no/such/place", "no such file") })
        {
            var error = Assert.Throws<DllNotFoundException>(() => NativeLibraryLoader.Load(setting));
            Assert.Contains($"IMAGEFLOW_LIBRARY_PATH is set to \"{setting}\"", error.Message);
            Assert.Contains($"  {setting}: ", error.Message);
            Assert.Contains(reason, error.Message);
        }
    }

    [Fact]
    public void Without_a_library_every_path_the_platform_and_the_package_to_add_are_named()
    {
        var (exitCode, output) = ChildProcess.RunApp("thumbnail", library: null);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("DllNotFoundException", output);
        Assert.Contains(RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(), output);
        Assert.Contains("glibc", output);
        Assert.Contains("Add the package Imageflow.NativeRuntime.linux-", output);
        Assert.Contains($"{AppContext.BaseDirectory}libimageflow.so: no such file", output);
        Assert.Contains($"runtimes/linux-", output);
        Assert.Contains("libimageflow.so (system loader): ", output);
        Assert.Contains("cannot open shared object file", output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("runtimes/{rid}/native")]
    [InlineData("{arch}")]
    public void A_library_beside_the_application_is_found(string place)
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "Imageflow.Net*"))
        {
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        }

        var folder = Directory.CreateDirectory(Path.Combine(
            _folder.FullName,
            place.Replace("{rid}", Platform.RuntimeIdentifier).Replace("{arch}", Platform.Architecture)));
        var library = Path.Combine(folder.FullName, "libimageflow.so");
        File.CreateSymbolicLink(library, RealLibrary);
        var (exitCode, output) = ChildProcess.RunApp("thumbnail", library: null, folder: _folder.FullName);
        Assert.True(exitCode == 0, output);
        Assert.StartsWith("32x24 image/webp", output);
    }

    [Fact]
    public void Programs_are_found_in_given_folders_and_on_the_path()
    {
        var program = Path.Combine(_folder.FullName, "some_tool");
        Assert.Null(ExecutableLocator.FindExecutable("some_tool", [_folder.FullName]));
        File.WriteAllText(program, "");
        Assert.Equal(program, ExecutableLocator.FindExecutable("some_tool", [_folder.FullName]));
        Assert.True(File.Exists(ExecutableLocator.FindExecutable("sh")));
    }

    public void Dispose() => _folder.Delete(true);
}
