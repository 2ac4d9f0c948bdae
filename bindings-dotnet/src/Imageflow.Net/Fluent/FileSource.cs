namespace Imageflow.Fluent;

/// <summary>An image file on disk, read when the job runs.</summary>
/// <remarks>Read rather than mapped: a mapped file that someone truncates takes the process down.</remarks>
public sealed class FileSource : IAsyncMemorySource, IMemorySource
{
    private readonly string _path;
    private byte[]? _bytes;
    private bool _disposed;

    /// <summary>The file at <paramref name="path"/>.</summary>
    public FileSource(string path)
    {
        _path = path ?? throw new ArgumentNullException(nameof(path));
    }

    /// <inheritdoc/>
    public bool AsyncPreferred => true;

    /// <summary>The file at <paramref name="path"/>.</summary>
    public static FileSource FromPath(string path) => new(path);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> BorrowReadOnlyMemory()
    {
        AssertNotDisposed();
        return _bytes ??= File.ReadAllBytes(_path);
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> BorrowReadOnlyMemoryAsync(CancellationToken cancellationToken)
    {
        AssertNotDisposed();
        return _bytes ??= await ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _bytes = null;
    }

#if NET
    private Task<byte[]> ReadAsync(CancellationToken cancellationToken) =>
        File.ReadAllBytesAsync(_path, cancellationToken);
#else
    private async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096, useAsync: true);
        using var buffer = new MemoryStream(checked((int)file.Length));
        await file.CopyToAsync(buffer, 81920, cancellationToken).ConfigureAwait(false);
        return buffer.ToArray();
    }
#endif

    private void AssertNotDisposed()
    {
        if (_disposed)
        {
            throw new ObjectDisposedException(nameof(FileSource));
        }
    }
}
