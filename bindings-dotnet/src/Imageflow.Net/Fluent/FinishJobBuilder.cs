namespace Imageflow.Fluent;

/// <summary>Says how a finished job runs, and runs it.</summary>
public class FinishJobBuilder : IDisposable
{
    private readonly ImageJob _job;
    private SecurityOptions? _security;
    private CancellationToken _token;
    private int? _timeoutMilliseconds;

    internal FinishJobBuilder(ImageJob job)
    {
        _job = job;
    }

    /// <summary>Sets the limits of the job.</summary>
    public FinishJobBuilder WithSecurityOptions(SecurityOptions securityOptions) =>
        SetSecurityOptions(securityOptions);

    /// <summary>Sets the limits of the job.</summary>
    public FinishJobBuilder SetSecurityOptions(SecurityOptions securityOptions)
    {
        _security = securityOptions;
        return this;
    }

    /// <summary>Sets a token that cancels the job.</summary>
    public FinishJobBuilder WithCancellationToken(CancellationToken token) => SetCancellationToken(token);

    /// <summary>Sets a token that cancels the job.</summary>
    public FinishJobBuilder SetCancellationToken(CancellationToken token)
    {
        _token = token;
        return this;
    }

    /// <summary>Cancels the job this long after it was started.</summary>
    public FinishJobBuilder WithCancellationTimeout(int milliseconds) => SetCancellationTimeout(milliseconds);

    /// <summary>Cancels the job this long after it was started.</summary>
    public FinishJobBuilder SetCancellationTimeout(int milliseconds)
    {
        _timeoutMilliseconds = milliseconds;
        return this;
    }

    /// <summary>Runs the job on the thread pool.</summary>
    /// <exception cref="Imageflow.Bindings.ImageflowException">The engine reports an error.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the time is up.</exception>
    public Task<BuildJobResult> InProcessAsync() =>
        Cancellable(token => InProcessRun.RunAsync(_job, _security, token));

    /// <summary>Runs the job and disposes it, whatever comes of it.</summary>
    public async Task<BuildJobResult> InProcessAndDisposeAsync()
    {
        using (_job)
        {
            return await InProcessAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Runs the job with imageflow_tool in another process.</summary>
    /// <param name="imageflowToolPath">The program; if null it is searched for.</param>
    /// <param name="outputBufferCapacity">Not needed any more: outputs may have any size.</param>
    public Task<BuildJobResult> InSubprocessAsync(string? imageflowToolPath = null, long? outputBufferCapacity = null) =>
        Cancellable(token => SubprocessRun.RunAsync(_job, _security, imageflowToolPath, token));

    /// <summary>Writes the inputs and the job as files for imageflow_tool.</summary>
    public Task<IPreparedFilesystemJob> WriteJsonJobAndInputs(bool deleteFilesOnDispose) =>
        Cancellable<IPreparedFilesystemJob>(async token =>
            await PreparedFilesystemJob.WriteAsync(_job, _security, deleteFilesOnDispose, token)
                .ConfigureAwait(false));

    /// <summary>Disposes the job.</summary>
    public void Dispose() => _job.Dispose();

    private async Task<T> Cancellable<T>(Func<CancellationToken, Task<T>> run)
    {
        if (_timeoutMilliseconds is not { } timeout)
        {
            return await run(_token).ConfigureAwait(false);
        }

        using var source = CancellationTokenSource.CreateLinkedTokenSource(_token);
        source.CancelAfter(timeout);
        return await run(source.Token).ConfigureAwait(false);
    }
}
