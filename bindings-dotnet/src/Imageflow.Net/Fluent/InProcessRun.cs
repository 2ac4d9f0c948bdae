using Imageflow.Bindings;

namespace Imageflow.Fluent;

/// <summary>Runs a job with the engine in this process.</summary>
internal static class InProcessRun
{
    internal static async Task<BuildJobResult> RunAsync(
        ImageJob job, SecurityOptions? security, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        job.AssertReady();
        var message = JobMessage.Execute(job, security);
        using var context = new JobContext();
        foreach (var input in job.Inputs)
        {
            var bytes = await input.Value.BorrowReadOnlyMemoryAsync(cancellationToken).ConfigureAwait(false);
            context.AddInputBytesPinned(input.Key, bytes, MemoryLifetimePromise.MemoryValidUntilAfterJobDisposed);
        }

        foreach (var output in job.Outputs)
        {
            context.AddOutputBuffer(output.Key);
        }

        // The engine may take seconds, so it must not run on the caller's thread, which may be that of a window.
        var response = await Task.Run(() => context.Execute(message.Span, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        foreach (var output in job.Outputs)
        {
            using var bytes = context.TakeOutput(output.Key);
            await output.Value.WriteOutputAsync(bytes.Memory, cancellationToken).ConfigureAwait(false);
        }

        return BuildJobResult.From(response, job.Outputs);
    }
}
