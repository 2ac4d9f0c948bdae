namespace Imageflow.Bindings;

/// <summary>Reads an output in the engine's memory and keeps the job alive meanwhile.</summary>
[Obsolete("Use ImageJob with an IOutputDestination, for example BytesDestination.")]
public sealed class ImageflowUnmanagedReadStream : UnmanagedMemoryStream
{
    private readonly ContextHandle _context;
    private int _released;

    internal unsafe ImageflowUnmanagedReadStream(ContextHandle context, byte* bytes, long length)
        : base(bytes, length)
    {
        var added = false;
        context.DangerousAddRef(ref added);
        _context = context;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        AssertOpen();
        return base.Read(buffer, offset, count);
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        AssertOpen();
        return base.ReadByte();
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        AssertOpen();
        return base.ReadAsync(buffer, offset, count, cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncResult BeginRead(
        byte[] buffer, int offset, int count, AsyncCallback? callback, object? state)
    {
        AssertOpen();
        return base.BeginRead(buffer, offset, count, callback, state);
    }

    /// <inheritdoc/>
    public override int EndRead(IAsyncResult asyncResult) => base.EndRead(asyncResult);

    /// <inheritdoc/>
    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        AssertOpen();
        return base.CopyToAsync(destination, bufferSize, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);

        // Without Dispose the finaliser of the handle frees the context: this stream was its last user.
        if (disposing && Interlocked.Exchange(ref _released, 1) == 0)
        {
            _context.DangerousRelease();
        }
    }

    private void AssertOpen()
    {
        if (Volatile.Read(ref _released) != 0)
        {
            throw new ObjectDisposedException(nameof(ImageflowUnmanagedReadStream));
        }
    }
}
