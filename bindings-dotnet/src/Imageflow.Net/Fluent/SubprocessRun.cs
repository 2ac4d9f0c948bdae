using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Imageflow.Bindings;

namespace Imageflow.Fluent;

/// <summary>Runs a job with imageflow_tool: a crash or a memory limit then hits that process only.</summary>
internal static class SubprocessRun
{
    private const string ToolName = "imageflow_tool";

    internal static async Task<BuildJobResult> RunAsync(
        ImageJob job, SecurityOptions? security, string? toolPath, CancellationToken cancellationToken)
    {
        var tool = toolPath ?? ExecutableLocator.FindExecutable(ToolName)
            ?? throw new FileNotFoundException(
                $"Cannot find {ToolName}: put it on PATH or beside the application, or give imageflowToolPath.");
        using var prepared = await PreparedFilesystemJob
            .WriteAsync(job, security, deleteOnDispose: true, cancellationToken)
            .ConfigureAwait(false);
        var (exitCode, output, errors) = await RunToolAsync(tool, prepared.JsonPath, cancellationToken)
            .ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw Failure(prepared, output, errors);
        }

        foreach (var destination in job.Outputs)
        {
            using var file = new FileSource(prepared.OutputFiles[destination.Key]);
            var bytes = await file.BorrowReadOnlyMemoryAsync(cancellationToken).ConfigureAwait(false);
            await destination.Value.WriteOutputAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        return BuildJobResult.From(JsonNode.Parse(output), job.Outputs);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunToolAsync(
        string tool, string jsonPath, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(tool, $"v0.1/build --json \"{jsonPath}\"")
            {
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
            EnableRaisingEvents = true,
        };
        var exited = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += (_, _) => exited.TrySetResult(true);
        process.Start();

        // Both streams are read at once: a full pipe would stop the tool.
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using (cancellationToken.Register(() => Kill(process)))
        {
            await exited.Task.ConfigureAwait(false);
        }

        var result = (process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    private static ImageflowException Failure(PreparedFilesystemJob prepared, string output, string errors)
    {
        var text = errors.Contains("InvalidJson") || errors.Contains("JsonRecipeNotFound")
            ? $"{errors}\n{File.ReadAllText(prepared.JsonPath)}"
            : errors;
        JsonNode? response = null;
        try
        {
            response = JsonNode.Parse(output);
        }
        catch (System.Text.Json.JsonException)
        {
            // The tool died before it answered; its error text is all there is.
        }

        var status = response?["code"] is JsonValue code && code.TryGetValue(out int value) ? value : 0;
        return new ImageflowException(text.Length > 0 ? text : output, 0, status, response);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has exited meanwhile.
        }
    }
}
