using System.Runtime.CompilerServices;

namespace Imageflow.Net.Test;

/// <summary>Where things are in the source tree.</summary>
internal static class Places
{
    private static readonly string TestFolder = Path.GetDirectoryName(ThisFile())!;

    internal static string Binding { get; } = Path.GetFullPath(Path.Combine(TestFolder, "..", ".."));

    internal static string Repository { get; } = Path.GetFullPath(Path.Combine(Binding, ".."));

    /// <summary>A folder of real files to try as well, when there is one.</summary>
    internal static string? Corpus { get; } = new[]
        {
            Environment.GetEnvironmentVariable("IMAGEFLOW_SHARED"),
            Path.Combine(Repository, "..", "shared"),
        }
        .Where(folder => !string.IsNullOrEmpty(folder))
        .Select(folder => Path.Combine(folder!, "corpus"))
        .FirstOrDefault(Directory.Exists);

    internal static string InBinding(params string[] parts) => Path.Combine([Binding, .. parts]);

    internal static string InRepository(params string[] parts) => Path.Combine([Repository, .. parts]);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
