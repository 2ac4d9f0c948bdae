namespace Imageflow.Fluent;

/// <summary>An image file in an array.</summary>
[Obsolete("Use MemorySource.")]
public readonly struct BytesSource : IBytesSource
{
    private readonly ArraySegment<byte> _bytes;

    /// <summary>The whole array.</summary>
    public BytesSource(byte[] bytes)
        : this(new ArraySegment<byte>(bytes))
    {
    }

    /// <summary>A part of an array.</summary>
    public BytesSource(byte[] bytes, int offset, int length)
        : this(new ArraySegment<byte>(bytes, offset, length))
    {
    }

    /// <summary>A part of an array.</summary>
    public BytesSource(ArraySegment<byte> bytes)
    {
        _bytes = bytes;
    }

    /// <summary>The same bytes as a MemorySource.</summary>
    public static implicit operator MemorySource(BytesSource source) =>
        (MemorySource)MemorySource.Borrow(source._bytes, MemoryLifetimePromise.MemoryIsOwnedByRuntime);

    /// <inheritdoc/>
    public Task<ArraySegment<byte>> GetBytesAsync(CancellationToken cancellationToken) => Task.FromResult(_bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        // An array needs nothing.
    }
}
