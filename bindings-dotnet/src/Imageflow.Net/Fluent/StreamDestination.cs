namespace Imageflow.Fluent;

/// <summary>
/// Writes an encoded image to a stream, from its position. A seekable stream ends where the image ends.
/// </summary>
public class StreamDestination : IOutputDestination, IMemoryDestination
{
    private readonly Stream _underlying;
    private readonly bool _disposeUnderlying;

    /// <summary>Writes to <paramref name="underlying"/>.</summary>
    public StreamDestination(Stream underlying, bool disposeUnderlying)
    {
        _underlying = underlying ?? throw new ArgumentNullException(nameof(underlying));
        _disposeUnderlying = disposeUnderlying;
    }

    /// <inheritdoc/>
    public Task RequestCapacityAsync(int bytes)
    {
        if (_underlying.CanSeek && _underlying.CanWrite && _underlying.Length < _underlying.Position + bytes)
        {
            _underlying.SetLength(_underlying.Position + bytes);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WriteAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken) =>
        bytes.Array == null
            ? throw new ArgumentNullException(nameof(bytes))
            : _underlying.WriteAsync(bytes.Array, bytes.Offset, bytes.Count, cancellationToken);

    /// <summary>Writes bytes.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _underlying.WriteMemoryAsync(bytes, cancellationToken);

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _underlying.WriteSpan(bytes);

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_underlying.CanSeek && _underlying.CanWrite && _underlying.Length != _underlying.Position)
        {
            _underlying.SetLength(_underlying.Position);
        }

        return _underlying.FlushAsync(cancellationToken);
    }

    /// <summary>Disposes the stream, if the destination was made so.</summary>
    public void Dispose()
    {
        if (_disposeUnderlying)
        {
            _underlying.Dispose();
        }
    }

    async ValueTask IMemoryDestination.WriteAllAsync(ReadOnlyMemory<byte> output, CancellationToken cancellationToken)
    {
        await WriteAsync(output, cancellationToken).ConfigureAwait(false);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
