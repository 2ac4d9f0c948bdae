using Imageflow.Bindings;

namespace Imageflow.Fluent;

/// <content>Reading what an image is.</content>
public partial class ImageJob
{
    private const int InfoIoId = 0;

    /// <summary>Reads the header of an image.</summary>
    /// <param name="image">The image file.</param>
    /// <param name="disposeSource">Who disposes <paramref name="image"/>.</param>
    public static ImageInfo GetImageInfo(IMemorySource image, SourceLifetime disposeSource)
    {
        try
        {
            return ReadInfo(image.BorrowReadOnlyMemory(), default);
        }
        finally
        {
            if (disposeSource != SourceLifetime.Borrowed)
            {
                image.Dispose();
            }
        }
    }

    /// <summary>Reads the header of an image.</summary>
    /// <param name="image">The image file.</param>
    /// <param name="disposeSource">Who disposes <paramref name="image"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async ValueTask<ImageInfo> GetImageInfoAsync(
        IAsyncMemorySource image, SourceLifetime disposeSource, CancellationToken cancellationToken = default)
    {
        try
        {
            return ReadInfo(
                await image.BorrowReadOnlyMemoryAsync(cancellationToken).ConfigureAwait(false), cancellationToken);
        }
        finally
        {
            if (disposeSource != SourceLifetime.Borrowed)
            {
                image.Dispose();
            }
        }
    }

    private static ImageInfo ReadInfo(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
        {
            throw new ArgumentException("The source of the image is empty.", "image");
        }

        using var context = new JobContext();
        context.AddInputBytesPinned(InfoIoId, bytes, MemoryLifetimePromise.MemoryValidUntilAfterJobDisposed);
        return context.GetImageInfo(InfoIoId, cancellationToken);
    }
}
