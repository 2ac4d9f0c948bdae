namespace Imageflow.Fluent;

/// <summary>One encoded image.</summary>
public record BuildEncodeResult
{
    internal BuildEncodeResult(IOutputDestination destination, string mimeType, string extension)
    {
        Destination = destination;
        PreferredMimeType = mimeType;
        PreferredExtension = extension;
    }

    /// <summary>For example <c>image/jpeg</c>.</summary>
    public string PreferredMimeType { get; init; }

    /// <summary>For example <c>jpg</c>.</summary>
    public string PreferredExtension { get; init; }

    /// <summary>The id of the output.</summary>
    public int IoId { get; init; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; }

    /// <summary>Where the image went.</summary>
    public IOutputDestination Destination { get; init; }

    /// <summary>The bytes, if they went to a <see cref="BytesDestination"/>.</summary>
    public ArraySegment<byte>? TryGetBytes() => (Destination as BytesDestination)?.GetBytes();
}
