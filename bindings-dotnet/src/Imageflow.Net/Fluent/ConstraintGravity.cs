using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A position in percent: 0,0 is the top left, 100,100 the bottom right.</summary>
public class ConstraintGravity
{
    /// <summary>The centre.</summary>
    public ConstraintGravity()
        : this(50, 50)
    {
    }

    /// <summary>A position in percent.</summary>
    public ConstraintGravity(float xPercent, float yPercent)
    {
        XPercent = xPercent;
        YPercent = yPercent;
    }

    /// <summary>0 is left, 100 right.</summary>
    public float XPercent { get; }

    /// <summary>0 is the top, 100 the bottom.</summary>
    public float YPercent { get; }

    /// <summary>The position as the engine's JSON.</summary>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <summary>The position as the engine's JSON.</summary>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        "percentage", new JsonObject().With("x", XPercent).With("y", YPercent));
}
