using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A watermark's box by its corners, in percent.</summary>
public class WatermarkFitBox : IWatermarkConstraintBox
{
    /// <summary>The whole canvas.</summary>
    public WatermarkFitBox()
    {
    }

    /// <summary>All at once.</summary>
    public WatermarkFitBox(WatermarkAlign relativeTo, float x1, float y1, float x2, float y2)
    {
        RelativeTo = relativeTo;
        X1 = x1;
        Y1 = y1;
        X2 = x2;
        Y2 = y2;
    }

    /// <summary>What the percentages are of.</summary>
    public WatermarkAlign RelativeTo { get; set; }

    /// <summary>Left, 0 to 100.</summary>
    public float X1 { get; set; }

    /// <summary>Top, 0 to 100.</summary>
    public float Y1 { get; set; }

    /// <summary>Right, 0 to 100.</summary>
    public float X2 { get; set; } = 100;

    /// <summary>Bottom, 0 to 100.</summary>
    public float Y2 { get; set; } = 100;

    /// <summary>Sets <see cref="RelativeTo"/>.</summary>
    public WatermarkFitBox SetRelativeTo(WatermarkAlign relativeTo)
    {
        RelativeTo = relativeTo;
        return this;
    }

    /// <summary>Sets <see cref="X1"/> and <see cref="Y1"/>.</summary>
    public WatermarkFitBox SetTopLeft(float x1, float y1)
    {
        X1 = x1;
        Y1 = y1;
        return this;
    }

    /// <summary>Sets <see cref="X2"/> and <see cref="Y2"/>.</summary>
    public WatermarkFitBox SetBottomRight(float x2, float y2)
    {
        X2 = x2;
        Y2 = y2;
        return this;
    }

    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        RelativeTo.Wire() + "_percentage",
        new JsonObject().With("x1", X1).With("y1", Y1).With("x2", X2).With("y2", Y2));
}
