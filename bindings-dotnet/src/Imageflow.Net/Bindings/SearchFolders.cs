using System.Diagnostics.CodeAnalysis;

namespace Imageflow.Bindings;

/// <summary>Where package managers and publish commands put native files of a .NET application.</summary>
internal static class SearchFolders
{
    internal static readonly char[] Separators = [Path.PathSeparator];

    internal static IEnumerable<string> All()
    {
        var baseFolder = AppDomain.CurrentDomain.BaseDirectory;

        // The host lists the folders of the runtime packages here when an application runs from its build output.
        if (AppDomain.CurrentDomain.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string listed)
        {
            foreach (var folder in listed.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
            {
                yield return folder;
            }
        }

        // ASP.NET on .NET Framework: assemblies are in bin, below the base folder.
        if (AppDomain.CurrentDomain.RelativeSearchPath is { Length: > 0 } relative)
        {
            foreach (var folder in relative.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
            {
                var full = Path.GetFullPath(Path.Combine(baseFolder, folder));
                if (full.StartsWith(baseFolder, StringComparison.Ordinal))
                {
                    yield return full;
                }
            }
        }

        yield return baseFolder;
        if (AssemblyFolder() is { } assemblyFolder)
        {
            yield return assemblyFolder;

            // In a package cache the assembly is in lib/<tfm>/, beside runtimes/ of an all-in-one package.
            yield return Path.GetFullPath(Path.Combine(assemblyFolder, ".."));
            yield return Path.GetFullPath(Path.Combine(assemblyFolder, "..", ".."));
        }
    }

    internal static IEnumerable<string> PlacesIn(string folder, string fileName)
    {
        yield return Path.Combine(folder, "runtimes", Platform.RuntimeIdentifier, "native", fileName);
        yield return Path.Combine(folder, Platform.Architecture, fileName);
        yield return Path.Combine(folder, fileName);
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000",
        Justification = "Empty in a single-file application, where the base folder is searched instead.")]
    private static string? AssemblyFolder()
    {
        var location = typeof(SearchFolders).Assembly.Location;
        return location.Length == 0 ? null : Path.GetDirectoryName(location);
    }
}
