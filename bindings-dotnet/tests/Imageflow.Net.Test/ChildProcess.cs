using System.Diagnostics;

namespace Imageflow.Net.Test;

/// <summary>Runs programs and collects what they print.</summary>
internal static class ChildProcess
{
    internal static (int ExitCode, string Output) Run(
        string program, string[] arguments, Dictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? [])
        {
            if (value == null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>Runs the test application with a native library of its own.</summary>
    internal static (int ExitCode, string Output) RunApp(
        string command, string? library, Dictionary<string, string?>? environment = null, string? folder = null) => Run(
        Host,
        [Path.Combine(folder ?? AppContext.BaseDirectory, "Imageflow.Net.TestApp.dll"), command],
        new Dictionary<string, string?>(environment ?? []) { ["IMAGEFLOW_LIBRARY_PATH"] = library });

    private static string Host => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? Environment.ProcessPath!
        : "dotnet";
}
