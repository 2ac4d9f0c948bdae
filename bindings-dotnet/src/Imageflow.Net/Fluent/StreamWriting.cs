using System.Buffers;

namespace Imageflow.Fluent;

/// <summary>Writes memory of any kind to a stream.</summary>
internal static class StreamWriting
{
#if NET
    internal static ValueTask WriteMemoryAsync(
        this Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        stream.WriteAsync(bytes, cancellationToken);

    internal static void WriteSpan(this Stream stream, ReadOnlySpan<byte> bytes) => stream.Write(bytes);
#else
    private const int ChunkBytes = 81920;

    /// <summary>Streams of older frameworks take arrays only, so native memory goes through a small one.</summary>
    internal static async ValueTask WriteMemoryAsync(
        this Stream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var start = 0; start < bytes.Length; start += chunk.Length)
            {
                var count = Math.Min(chunk.Length, bytes.Length - start);
                bytes.Slice(start, count).CopyTo(chunk);
                await stream.WriteAsync(chunk, 0, count, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    internal static void WriteSpan(this Stream stream, ReadOnlySpan<byte> bytes)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var start = 0; start < bytes.Length; start += chunk.Length)
            {
                var count = Math.Min(chunk.Length, bytes.Length - start);
                bytes.Slice(start, count).CopyTo(chunk);
                stream.Write(chunk, 0, count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
#endif
}
