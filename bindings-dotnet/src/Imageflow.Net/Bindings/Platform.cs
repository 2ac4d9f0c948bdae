using System.Runtime.InteropServices;

namespace Imageflow.Bindings;

/// <summary>Names of the running platform, as packages, folders and messages spell them.</summary>
internal static class Platform
{
    internal static bool IsWindows { get; } = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    internal static bool IsMacOS { get; } = RuntimeInformation.IsOSPlatform(OSPlatform.OSX);

    /// <summary>Alpine and other distributions on musl, where a glibc library does not load.</summary>
    internal static bool IsMusl { get; } = !IsWindows && !IsMacOS && HasMuslLoader();

    internal static string Architecture { get; } =
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>The .NET runtime identifier, which names the folder under <c>runtimes/</c>.</summary>
    internal static string RuntimeIdentifier { get; } =
        (IsWindows ? "win-" : IsMacOS ? "osx-" : IsMusl ? "linux-musl-" : "linux-") + Architecture;

    /// <summary>The package that carries the library for this platform.</summary>
    internal static string RuntimePackage { get; } = "Imageflow.NativeRuntime." + RuntimeIdentifier switch
    {
        "win-x64" => "win-x86_64",
        "osx-x64" => "osx-x86_64",
        var rid => rid,
    };

    internal static string LibraryFileName { get; } =
        IsWindows ? "imageflow.dll" : IsMacOS ? "libimageflow.dylib" : "libimageflow.so";

    internal static string Description { get; } =
        $"{RuntimeInformation.OSDescription.Trim()}, {Architecture}"
        + (IsWindows || IsMacOS ? "" : IsMusl ? ", musl" : ", glibc")
        + $", {RuntimeInformation.FrameworkDescription}";

    private static bool HasMuslLoader()
    {
        try
        {
            // A glibc machine may carry musl's loader for development; then glibc's own is there as well.
            return Directory.Exists("/lib")
                && Directory.GetFiles("/lib", "ld-musl-*").Length > 0
                && !File.Exists("/lib64/ld-linux-x86-64.so.2")
                && !File.Exists("/lib/ld-linux-aarch64.so.1");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }
}
