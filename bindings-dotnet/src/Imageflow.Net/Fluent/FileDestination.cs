using System.ComponentModel;

namespace Imageflow.Fluent;

/// <summary>Writes an encoded image to a file, which is created when the first byte comes.</summary>
public sealed class FileDestination : IOutputDestination, IMemoryDestination
{
    private const int BufferBytes = 4096;

    private readonly FileDestinationOptions _options;
    private FileStream? _stream;

    /// <summary>Creates or replaces the file at <paramref name="path"/>.</summary>
    public FileDestination(string path)
        : this(path, new FileDestinationOptions(Atomic: false, ShareReadAccess: false, PreferRandomAccessApi: false))
    {
    }

    /// <summary>Creates or replaces the file at <paramref name="path"/>, as the options say.</summary>
    public FileDestination(string path, FileDestinationOptions options)
    {
        Path = path ?? throw new ArgumentNullException(nameof(path));
        _options = options ?? throw new ArgumentNullException(nameof(options));
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whether writing asynchronously brings nothing.</summary>
    public bool PreferSynchronousWrites => false;

    /// <summary>Creates or replaces the file at <paramref name="path"/>.</summary>
    public static FileDestination ToPath(string path) => new(path);

    /// <inheritdoc/>
    public Task RequestCapacityAsync(int bytes) => Task.CompletedTask;

    /// <summary>Does nothing: a file grows as it is written.</summary>
    public void SetHints(OutputSinkHints hints)
    {
    }

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> data) => WriteInternal(data, null);

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlyMemory<byte> data) => WriteInternal(data.Span, data);

    /// <summary>Appends bytes.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void WriteInternal(ReadOnlySpan<byte> data, ReadOnlyMemory<byte>? memory) => Open().WriteSpan(data);

    /// <inheritdoc/>
    public Task WriteAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken) =>
        FastWriteAsync(bytes, cancellationToken).AsTask();

    /// <summary>Appends bytes.</summary>
    public ValueTask FastWriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        Open().WriteMemoryAsync(data, cancellationToken);

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken) =>
        _stream?.FlushAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Closes the file; an atomic one gets its name now.</summary>
    public void Finished()
    {
        var stream = _stream;
        if (stream == null)
        {
            return;
        }

        _stream = null;
        stream.Dispose();
        if (_options.Atomic)
        {
            Replace(stream.Name, Path);
        }
    }

    /// <summary>Closes the file; an atomic one gets its name now.</summary>
    public async ValueTask FinishedAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        Finished();
    }

    /// <summary>Closes the file; an atomic one that was not finished is deleted.</summary>
    public void Dispose()
    {
        var stream = _stream;
        if (stream == null)
        {
            return;
        }

        _stream = null;
        stream.Dispose();
        if (_options.Atomic)
        {
            File.Delete(stream.Name);
        }
    }

    async ValueTask IMemoryDestination.WriteAllAsync(ReadOnlyMemory<byte> output, CancellationToken cancellationToken)
    {
        await FastWriteAsync(output, cancellationToken).ConfigureAwait(false);
        await FinishedAsync(cancellationToken).ConfigureAwait(false);
    }

    private FileStream Open() => _stream ??= new FileStream(
        _options.Atomic ? $"{Path}.{Guid.NewGuid():N}.tmp" : Path,
        FileMode.Create,
        FileAccess.Write,
        _options.ShareReadAccess ? FileShare.Read : FileShare.None,
        BufferBytes,
        useAsync: true);

    private static void Replace(string written, string path)
    {
#if NET
        File.Move(written, path, overwrite: true);
#else
        if (File.Exists(path))
        {
            File.Replace(written, path, null);
        }
        else
        {
            File.Move(written, path);
        }
#endif
    }
}
