namespace Imageflow.Fluent;

/// <summary>A job written as files, ready for imageflow_tool.</summary>
public interface IPreparedFilesystemJob : IDisposable
{
    /// <summary>The job: <c>imageflow_tool v1/build --json JsonPath</c>.</summary>
    string JsonPath { get; }

    /// <summary>The file each output will be in.</summary>
    IReadOnlyDictionary<int, string> OutputFiles { get; }
}

/// <summary>A folder of its own for each job, readable by its owner alone.</summary>
internal sealed class PreparedFilesystemJob : IPreparedFilesystemJob
{
    private readonly string _folder;
    private readonly bool _deleteOnDispose;

    private PreparedFilesystemJob(bool deleteOnDispose)
    {
        _deleteOnDispose = deleteOnDispose;
        _folder = CreateFolder();
        JsonPath = Path.Combine(_folder, "job.json");
    }

    public string JsonPath { get; }

    public IReadOnlyDictionary<int, string> OutputFiles { get; private set; } = new Dictionary<int, string>();

    internal static async Task<PreparedFilesystemJob> WriteAsync(
        ImageJob job, SecurityOptions? security, bool deleteOnDispose, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        job.AssertReady();
        var prepared = new PreparedFilesystemJob(deleteOnDispose);
        try
        {
            var inputs = new Dictionary<int, string>();
            foreach (var input in job.Inputs)
            {
                var bytes = await input.Value.BorrowReadOnlyMemoryAsync(cancellationToken).ConfigureAwait(false);
                var path = Path.Combine(prepared._folder, $"in_{input.Key}");
                using (var file = new FileDestination(path))
                {
                    await file.FastWriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                }

                inputs.Add(input.Key, path);
            }

            prepared.OutputFiles = job.Outputs.Keys.ToDictionary(
                ioId => ioId, ioId => Path.Combine(prepared._folder, $"out_{ioId}"));
            File.WriteAllBytes(
                prepared.JsonPath, JobMessage.Build(job, security, inputs, prepared.OutputFiles));
            return prepared;
        }
        catch
        {
            Directory.Delete(prepared._folder, recursive: true);
            throw;
        }
    }

    public void Dispose()
    {
        if (_deleteOnDispose && Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string CreateFolder()
    {
#if NET
        return Directory.CreateTempSubdirectory("imageflow-job-").FullName;
#else
        var path = Path.Combine(Path.GetTempPath(), $"imageflow-job-{Guid.NewGuid():N}");
        Directory.CreateDirectory(path);
        return path;
#endif
    }
}
