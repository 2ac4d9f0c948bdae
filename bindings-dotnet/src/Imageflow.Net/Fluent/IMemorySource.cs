namespace Imageflow.Fluent;

/// <summary>Bytes of an image file, borrowed by a job. Disposed when the job is disposed.</summary>
public interface IAsyncMemorySource : IDisposable
{
    /// <summary>Lends the bytes; they stay valid and unchanged until the source is disposed.</summary>
    ValueTask<ReadOnlyMemory<byte>> BorrowReadOnlyMemoryAsync(CancellationToken cancellationToken);
}

/// <summary>Bytes of an image file that can be had without waiting asynchronously.</summary>
public interface IMemorySource : IDisposable
{
    /// <summary>Whether getting the bytes may block.</summary>
    bool AsyncPreferred { get; }

    /// <summary>Lends the bytes; they stay valid and unchanged until the source is disposed.</summary>
    ReadOnlyMemory<byte> BorrowReadOnlyMemory();
}
