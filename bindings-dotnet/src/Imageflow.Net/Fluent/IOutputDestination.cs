using System.Buffers;

namespace Imageflow.Fluent;

/// <summary>Where an encoded image goes. Disposed when the job is disposed.</summary>
public interface IOutputDestination : IDisposable
{
    /// <summary>Says how many bytes will come.</summary>
    Task RequestCapacityAsync(int bytes);

    /// <summary>Writes bytes; they are only valid until the task completes.</summary>
    Task WriteAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Says that all bytes have been written.</summary>
    Task FlushAsync(CancellationToken cancellationToken);
}

/// <summary>Helpers for destinations.</summary>
public static class IOutputDestinationExtensions
{
    private const int ChunkBytes = 81920;

    /// <summary>Writes the rest of a stream to a destination.</summary>
    [Obsolete("Copy the stream yourself, or use StreamDestination or FileDestination.")]
    public static Task CopyFromStreamAsync(
        this IOutputDestination dest, Stream stream, CancellationToken cancellationToken) =>
        dest.CopyStreamAsync(stream, cancellationToken);

    internal static async Task CopyStreamAsync(
        this IOutputDestination dest, Stream stream, CancellationToken cancellationToken)
    {
        if (stream.CanSeek)
        {
            await dest.RequestCapacityAsync(checked((int)(stream.Length - stream.Position))).ConfigureAwait(false);
        }

        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int read;
            while ((read = await stream.ReadAsync(chunk, 0, chunk.Length, cancellationToken).ConfigureAwait(false)) > 0)
            {
                await dest.WriteAsync(new ArraySegment<byte>(chunk, 0, read), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        await dest.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes a finished output. The destinations of this package take it from where it is; others see an array, which
    /// costs them one copy.
    /// </summary>
    internal static async Task WriteOutputAsync(
        this IOutputDestination dest, ReadOnlyMemory<byte> output, CancellationToken cancellationToken)
    {
        // A class of the user's that derives from ours may have its own WriteAsync, which must then be called.
        if (dest is IMemoryDestination direct && dest.GetType().Assembly == typeof(IMemoryDestination).Assembly)
        {
            await direct.WriteAllAsync(output, cancellationToken).ConfigureAwait(false);
            return;
        }

        await dest.RequestCapacityAsync(output.Length).ConfigureAwait(false);
        var array = ArrayPool<byte>.Shared.Rent(Math.Max(1, output.Length));
        try
        {
            output.CopyTo(array);
            await dest.WriteAsync(new ArraySegment<byte>(array, 0, output.Length), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(array);
        }

        await dest.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>A destination that can be handed memory of any kind.</summary>
internal interface IMemoryDestination
{
    /// <summary>Writes a whole output and finishes it.</summary>
    ValueTask WriteAllAsync(ReadOnlyMemory<byte> output, CancellationToken cancellationToken);
}
