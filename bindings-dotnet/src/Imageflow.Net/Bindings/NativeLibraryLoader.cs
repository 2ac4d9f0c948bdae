using System.Text;

namespace Imageflow.Bindings;

/// <summary>
/// Finds the imageflow library: the file or folder in <c>IMAGEFLOW_LIBRARY_PATH</c>; else the file that came with a
/// runtime package; else whatever the system loader knows.
/// </summary>
internal static class NativeLibraryLoader
{
    internal const string EnvironmentVariable = "IMAGEFLOW_LIBRARY_PATH";

    internal static LoadedLibrary Load()
    {
        var setting = Environment.GetEnvironmentVariable(EnvironmentVariable);
        return Load(string.IsNullOrEmpty(setting) ? null : setting);
    }

    /// <summary>A setting is an order, not a hint: when it cannot be followed nothing else is tried.</summary>
    internal static LoadedLibrary Load(string? setting)
    {
        var failures = new List<(string Path, string Error)>();
        foreach (var path in setting != null ? FromSetting(setting) : Bundled())
        {
            if (!File.Exists(path))
            {
                failures.Add((path, "no such file"));
            }
            else if (LoadedLibrary.TryOpen(path, out var error) is { } library)
            {
                return library;
            }
            else
            {
                failures.Add((path, error));
            }
        }

        if (setting == null)
        {
            if (LoadedLibrary.TryOpen(Platform.LibraryFileName, out var error) is { } library)
            {
                return library;
            }

            failures.Add(($"{Platform.LibraryFileName} (system loader)", error));
        }

        throw new DllNotFoundException(Explain(setting, failures));
    }

    private static IEnumerable<string> FromSetting(string setting)
    {
        yield return Directory.Exists(setting)
            ? Path.Combine(setting, Platform.LibraryFileName)
            : setting;
    }

    private static IEnumerable<string> Bundled()
    {
        var seen = new HashSet<string>();
        foreach (var folder in SearchFolders.All())
        {
            foreach (var path in SearchFolders.PlacesIn(folder, Platform.LibraryFileName))
            {
                if (seen.Add(path))
                {
                    yield return path;
                }
            }
        }
    }

    private static string Explain(string? setting, List<(string Path, string Error)> failures)
    {
        var text = new StringBuilder()
            .Append("The imageflow library could not be loaded (").Append(Platform.Description).AppendLine(").")
            .AppendLine(setting != null
                ? $"{EnvironmentVariable} is set to \"{setting}\": correct it, or remove it to use the packaged library."
                : $"Add the package {Platform.RuntimePackage} (or Imageflow.AllPlatforms) to the application's "
                    + $"project, or set {EnvironmentVariable} to the library's file or folder.")
            .AppendLine("Tried:");
        foreach (var (path, error) in failures)
        {
            text.Append("  ").Append(path).Append(": ").AppendLine(error);
        }

        return text.ToString();
    }
}
