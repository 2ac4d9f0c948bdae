using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>The largest image allowed. All three limits hold at once.</summary>
public readonly struct FrameSizeLimit
{
    /// <summary>Limits in pixels and millions of pixels.</summary>
    public FrameSizeLimit(uint maxWidth, uint maxHeight, float maxMegapixels)
    {
        MaxWidth = maxWidth;
        MaxHeight = maxHeight;
        MaxMegapixels = maxMegapixels;
    }

    /// <summary>The largest width.</summary>
    public uint MaxWidth { get; }

    /// <summary>The largest height.</summary>
    public uint MaxHeight { get; }

    /// <summary>The largest area, in millions of pixels.</summary>
    public float MaxMegapixels { get; }

    internal JsonNode ToJsonNode() =>
        new JsonObject().With("w", MaxWidth).With("h", MaxHeight).With("megapixels", MaxMegapixels);
}
