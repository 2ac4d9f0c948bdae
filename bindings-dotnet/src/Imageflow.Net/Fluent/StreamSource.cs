namespace Imageflow.Fluent;

/// <summary>An image file from a stream, from its position to its end.</summary>
[Obsolete("Use BufferedStreamSource.")]
public class StreamSource : IBytesSource
{
    private readonly Stream _underlying;
    private readonly bool _disposeUnderlying;
    private readonly IAsyncMemorySource _bytes;

    /// <summary>Reads <paramref name="underlying"/>.</summary>
    public StreamSource(Stream underlying, bool disposeUnderlying)
    {
        _underlying = underlying ?? throw new ArgumentNullException(nameof(underlying));
        _disposeUnderlying = disposeUnderlying;
        _bytes = BufferedStreamSource.BorrowStreamRemainder(underlying);
    }

    /// <summary>The same stream as a source of memory.</summary>
    public static implicit operator BytesSourceAdapter(StreamSource source) => new(source);

    /// <inheritdoc/>
    public async Task<ArraySegment<byte>> GetBytesAsync(CancellationToken cancellationToken)
    {
        var memory = await _bytes.BorrowReadOnlyMemoryAsync(cancellationToken).ConfigureAwait(false);
        return System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var segment)
            ? segment
            : new ArraySegment<byte>(memory.ToArray());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bytes.Dispose();
        if (_disposeUnderlying)
        {
            _underlying.Dispose();
        }
    }
}
