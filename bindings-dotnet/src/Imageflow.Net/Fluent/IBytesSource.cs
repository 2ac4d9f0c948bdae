namespace Imageflow.Fluent;

/// <summary>Bytes of an image file.</summary>
[Obsolete("Use IAsyncMemorySource, for example MemorySource, BufferedStreamSource or FileSource.")]
public interface IBytesSource : IDisposable
{
    /// <summary>Gets the bytes; they stay valid and unchanged until the source is disposed.</summary>
    Task<ArraySegment<byte>> GetBytesAsync(CancellationToken cancellationToken);
}
