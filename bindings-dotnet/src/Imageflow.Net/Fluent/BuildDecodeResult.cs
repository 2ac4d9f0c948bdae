namespace Imageflow.Fluent;

/// <summary>One input.</summary>
public class BuildDecodeResult
{
    /// <summary>For example <c>image/jpeg</c>.</summary>
    public string? PreferredMimeType { get; internal set; }

    /// <summary>For example <c>jpg</c>.</summary>
    public string? PreferredExtension { get; internal set; }

    /// <summary>The id of the input.</summary>
    public int IoId { get; internal set; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; internal set; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; internal set; }
}
