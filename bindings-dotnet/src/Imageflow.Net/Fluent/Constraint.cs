using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A size to bring an image to, and how.</summary>
public class Constraint
{
    /// <summary>Within a size; at least one dimension is needed.</summary>
    public Constraint(uint? w, uint? h)
        : this(ConstraintMode.Within, w, h)
    {
    }

    /// <summary>A size by a mode; at least one dimension is needed.</summary>
    public Constraint(ConstraintMode mode, uint? w, uint? h)
    {
        if (w == null && h == null)
        {
            throw new ArgumentNullException(nameof(w), "Give w, h or both.");
        }

        Mode = mode;
        W = w;
        H = h;
    }

    /// <summary>A size by a mode, with hints and the colour of the padding.</summary>
    public Constraint(ConstraintMode mode, uint? w, uint? h, ResampleHints hints, AnyColor? canvasColor)
        : this(mode, w, h)
    {
        Hints = hints;
        CanvasColor = canvasColor;
    }

    /// <summary>How the size is met.</summary>
    public ConstraintMode Mode { get; set; }

    /// <summary>Width in pixels.</summary>
    public uint? W { get; set; }

    /// <summary>Height in pixels.</summary>
    public uint? H { get; set; }

    /// <summary>How to resample.</summary>
    public ResampleHints? Hints { get; set; }

    /// <summary>The colour of padding, and of what is behind transparent pixels.</summary>
    public AnyColor? CanvasColor { get; set; }

    /// <summary>Which part stays when cropping, and where the image is when padding.</summary>
    public ConstraintGravity? Gravity { get; set; }

    /// <summary>Sets <see cref="Mode"/>.</summary>
    public Constraint SetConstraintMode(ConstraintMode mode)
    {
        Mode = mode;
        return this;
    }

    /// <summary>Sets <see cref="Hints"/>.</summary>
    public Constraint SetHints(ResampleHints hints)
    {
        Hints = hints;
        return this;
    }

    /// <summary>Sets <see cref="CanvasColor"/>.</summary>
    public Constraint SetCanvasColor(AnyColor? canvasColor)
    {
        CanvasColor = canvasColor;
        return this;
    }

    /// <summary>Sets <see cref="Gravity"/>.</summary>
    public Constraint SetGravity(ConstraintGravity gravity)
    {
        Gravity = gravity;
        return this;
    }

    /// <summary>The constraint as the engine's JSON.</summary>
    [Obsolete("Pass the constraint to BuildNode.Constrain.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    internal JsonNode ToJsonNode() => new JsonObject()
        .With("mode", Mode.Wire())
        .With("w", W)
        .With("h", H)
        .With("hints", Hints?.ToJsonNode())
        .With("gravity", Gravity?.ToJsonNode())
        .With("canvas_color", CanvasColor?.ToJsonNode());
}
