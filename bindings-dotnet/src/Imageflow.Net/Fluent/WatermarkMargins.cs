using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A watermark's box by its distances from the edges, in pixels.</summary>
public class WatermarkMargins : IWatermarkConstraintBox
{
    /// <summary>No margins, relative to the canvas.</summary>
    public WatermarkMargins()
    {
    }

    /// <summary>All at once.</summary>
    public WatermarkMargins(WatermarkAlign relativeTo, uint left, uint top, uint right, uint bottom)
    {
        RelativeTo = relativeTo;
        Left = left;
        Top = top;
        Right = right;
        Bottom = bottom;
    }

    /// <summary>What the margins are measured from.</summary>
    public WatermarkAlign RelativeTo { get; set; }

    /// <summary>Pixels from the left.</summary>
    public uint Left { get; set; }

    /// <summary>Pixels from the top.</summary>
    public uint Top { get; set; }

    /// <summary>Pixels from the right.</summary>
    public uint Right { get; set; }

    /// <summary>Pixels from the bottom.</summary>
    public uint Bottom { get; set; }

    /// <summary>Sets <see cref="RelativeTo"/>.</summary>
    public WatermarkMargins SetRelativeTo(WatermarkAlign relativeTo)
    {
        RelativeTo = relativeTo;
        return this;
    }

    /// <summary>Sets <see cref="Left"/>.</summary>
    public WatermarkMargins SetLeft(uint pixels)
    {
        Left = pixels;
        return this;
    }

    /// <summary>Sets <see cref="Top"/>.</summary>
    public WatermarkMargins SetTop(uint pixels)
    {
        Top = pixels;
        return this;
    }

    /// <summary>Sets <see cref="Right"/>.</summary>
    public WatermarkMargins SetRight(uint pixels)
    {
        Right = pixels;
        return this;
    }

    /// <summary>Sets <see cref="Bottom"/>.</summary>
    public WatermarkMargins SetBottom(uint pixels)
    {
        Bottom = pixels;
        return this;
    }

    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        RelativeTo.Wire() + "_margins",
        new JsonObject().With("left", Left).With("top", Top).With("right", Right).With("bottom", Bottom));
}
