namespace Imageflow.Bindings;

/// <summary>Finds programs that come with a package or are on the search path.</summary>
public static class ExecutableLocator
{
    /// <summary>
    /// Finds the program <paramref name="basename"/> (without <c>.exe</c>): in
    /// <paramref name="customSearchDirectories"/>, then where packages put native files, then on <c>PATH</c>.
    /// </summary>
    /// <returns>The full path, or null when there is no such file.</returns>
    public static string? FindExecutable(string basename, IEnumerable<string>? customSearchDirectories = null)
    {
        if (string.IsNullOrEmpty(basename))
        {
            throw new ArgumentException("The name of a program is needed.", nameof(basename));
        }

        var fileName = Platform.IsWindows ? basename + ".exe" : basename;
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return (customSearchDirectories ?? [])
            .Concat(SearchFolders.All())
            .SelectMany(folder => SearchFolders.PlacesIn(folder, fileName))
            .Concat(path.Split(SearchFolders.Separators, StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => Path.Combine(folder, fileName)))
            .FirstOrDefault(File.Exists);
    }
}
