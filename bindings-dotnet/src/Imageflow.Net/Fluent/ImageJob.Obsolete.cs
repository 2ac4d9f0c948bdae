using Imageflow.Bindings;

namespace Imageflow.Fluent;

#pragma warning disable CS0618 // these members speak of obsolete types
/// <content>Members kept for code written for older versions.</content>
public partial class ImageJob
{
    /// <summary>Decodes a source.</summary>
    [Obsolete("Use a source of memory, for example MemorySource.")]
    public BuildNode Decode(IBytesSource source) => Decode(source.ToMemorySource());

    /// <summary>Decodes a source as the commands say.</summary>
    [Obsolete("Use a source of memory, for example MemorySource.")]
    public BuildNode Decode(IBytesSource source, DecodeCommands commands) =>
        Decode(source.ToMemorySource(), commands);

    /// <summary>Decodes a source, with an id of your choice.</summary>
    [Obsolete("Use a source of memory, for example MemorySource.")]
    public BuildNode Decode(IBytesSource source, int ioId) => Decode(source.ToMemorySource(), ioId);

    /// <summary>Decodes a source as the commands say, with an id of your choice.</summary>
    [Obsolete("Use a source of memory, for example MemorySource.")]
    public BuildNode Decode(IBytesSource source, int ioId, DecodeCommands? commands) =>
        Decode(source.ToMemorySource(), ioId, commands);

    /// <summary>Decodes a part of an array.</summary>
    [Obsolete("Use Decode(MemorySource.Borrow(source, promise)).")]
    public BuildNode Decode(ArraySegment<byte> source) => Decode(source, GenerateIoId());

    /// <summary>Decodes a part of an array, with an id of your choice.</summary>
    [Obsolete("Use Decode(MemorySource.Borrow(source, promise), ioId).")]
    public BuildNode Decode(ArraySegment<byte> source, int ioId) =>
        Decode(MemorySource.Borrow(source, MemoryLifetimePromise.MemoryIsOwnedByRuntime), ioId);

    /// <summary>Does what a querystring says, from decoding to encoding.</summary>
    [Obsolete("Use a source of memory, for example MemorySource.")]
    public BuildEndpoint BuildCommandString(IBytesSource source, IOutputDestination dest, string commandString) =>
        BuildCommandString(source.ToMemorySource(), dest, commandString);

    /// <summary>Does what a querystring says, with ids of your choice.</summary>
    [Obsolete("Use a source of memory, for example MemorySource.")]
    public BuildEndpoint BuildCommandString(
        IBytesSource source, int? sourceIoId, IOutputDestination dest, int? destIoId, string commandString) =>
        BuildCommandString(source.ToMemorySource(), sourceIoId, dest, destIoId, commandString);

    /// <summary>Does what a querystring says, then draws the watermarks.</summary>
    [Obsolete("Use a source of memory, for example MemorySource.")]
    public BuildEndpoint BuildCommandString(
        IBytesSource source,
        IOutputDestination dest,
        string commandString,
        ICollection<InputWatermark>? watermarks) =>
        BuildCommandString(source.ToMemorySource(), dest, commandString, watermarks);

    /// <summary>Does what a querystring says, then draws the watermarks, with ids of your choice.</summary>
    [Obsolete("Use a source of memory, for example MemorySource.")]
    public BuildEndpoint BuildCommandString(
        IBytesSource source,
        int? sourceIoId,
        IOutputDestination dest,
        int? destIoId,
        string commandString,
        ICollection<InputWatermark>? watermarks) =>
        BuildCommandString(source.ToMemorySource(), sourceIoId, dest, destIoId, commandString, watermarks);

    /// <summary>Runs the job.</summary>
    [Obsolete("Use Finish().InProcessAsync().")]
    public Task<BuildJobResult> FinishAsync() => Finish().InProcessAsync();

    /// <summary>Runs the job.</summary>
    [Obsolete("Use Finish().SetCancellationToken(token).InProcessAsync().")]
    public Task<BuildJobResult> FinishAsync(CancellationToken cancellationToken) =>
        Finish().SetCancellationToken(cancellationToken).InProcessAsync();

    /// <summary>Runs the job in another process.</summary>
    [Obsolete("Use Finish().SetCancellationToken(token).InSubprocessAsync(path).")]
    public Task<BuildJobResult> FinishInSubprocessAsync(
        CancellationToken cancellationToken, string? imageflowToolPath, long? outputBufferCapacity = null) =>
        Finish()
            .SetCancellationToken(cancellationToken)
            .InSubprocessAsync(imageflowToolPath, outputBufferCapacity);

    /// <summary>Runs the job and disposes it.</summary>
    [Obsolete("Use Finish().SetCancellationToken(token).InProcessAndDisposeAsync().")]
    public Task<BuildJobResult> FinishAndDisposeAsync(CancellationToken cancellationToken) =>
        Finish().SetCancellationToken(cancellationToken).InProcessAndDisposeAsync();

    /// <summary>Writes the inputs and the job as files for imageflow_tool.</summary>
    [Obsolete("Use Finish().SetCancellationToken(token).WriteJsonJobAndInputs(deleteFilesOnDispose).")]
    public Task<IPreparedFilesystemJob> WriteJsonJobAndInputs(
        CancellationToken cancellationToken, bool deleteFilesOnDispose) =>
        Finish().SetCancellationToken(cancellationToken).WriteJsonJobAndInputs(deleteFilesOnDispose);

    /// <summary>Reads the header of an image.</summary>
    [Obsolete("Use GetImageInfoAsync.")]
    public static Task<ImageInfo> GetImageInfo(IBytesSource image) => GetImageInfo(image, default(CancellationToken));

    /// <summary>Reads the header of an image.</summary>
    [Obsolete("Use GetImageInfoAsync.")]
    public static Task<ImageInfo> GetImageInfo(IBytesSource image, CancellationToken cancellationToken) =>
        GetImageInfoAsync(image.ToMemorySource(), SourceLifetime.Borrowed, cancellationToken).AsTask();

    /// <summary>Whether a file that starts with these bytes can be decoded.</summary>
    [Obsolete("Use GetImageInfoAsync, which asks the engine.")]
    public static bool CanDecodeBytes(byte[] first12Bytes) => MagicBytes.CanDecode(first12Bytes);

    /// <summary>The type of a file that starts with these bytes, or null when it is not a known image.</summary>
    [Obsolete("Use GetImageInfoAsync, which asks the engine.")]
    public static string? GetContentTypeForBytes(byte[] first12Bytes) => MagicBytes.ContentType(first12Bytes);
}
#pragma warning restore CS0618
