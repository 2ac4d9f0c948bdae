using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>Where and how a watermark is drawn. What is not set is the engine's choice.</summary>
public class WatermarkOptions
{
    /// <summary>Where the watermark is in its box.</summary>
    public ConstraintGravity? Gravity { get; set; }

    /// <summary>The box the watermark goes in; the whole image if not set.</summary>
    public IWatermarkConstraintBox? FitBox { get; set; }

    /// <summary>How the watermark fills the box.</summary>
    public WatermarkConstraintMode? FitMode { get; set; }

    /// <summary>0 to 1.</summary>
    public float? Opacity { get; set; }

    /// <summary>How to resample the watermark.</summary>
    public ResampleHints? Hints { get; set; }

    /// <summary>No watermark on images of this width or less.</summary>
    public uint? MinCanvasWidth { get; set; }

    /// <summary>No watermark on images of this height or less.</summary>
    public uint? MinCanvasHeight { get; set; }

    /// <summary>Sets <see cref="Hints"/>.</summary>
    public WatermarkOptions SetHints(ResampleHints hints)
    {
        Hints = hints;
        return this;
    }

    /// <summary>Sets <see cref="Opacity"/>.</summary>
    public WatermarkOptions SetOpacity(float opacity)
    {
        Opacity = opacity;
        return this;
    }

    /// <summary>Sets <see cref="FitBox"/> to margins.</summary>
    public WatermarkOptions SetMargins(WatermarkMargins margins)
    {
        FitBox = margins;
        return this;
    }

    /// <summary>Sets <see cref="FitBox"/>.</summary>
    public WatermarkOptions SetFitBox(WatermarkFitBox fitBox)
    {
        FitBox = fitBox;
        return this;
    }

    /// <summary>Sets <see cref="FitMode"/>.</summary>
    public WatermarkOptions SetFitMode(WatermarkConstraintMode fitMode)
    {
        FitMode = fitMode;
        return this;
    }

    /// <summary>Sets <see cref="Gravity"/>.</summary>
    public WatermarkOptions SetGravity(ConstraintGravity gravity)
    {
        Gravity = gravity;
        return this;
    }

    /// <summary>Sets the box and how it is filled.</summary>
    public WatermarkOptions SetFitBoxLayout(
        WatermarkFitBox fitBox, WatermarkConstraintMode fitMode, ConstraintGravity gravity) =>
        SetFitBox(fitBox).SetFitMode(fitMode).SetGravity(gravity);

    /// <summary>Sets margins and how the box between them is filled.</summary>
    public WatermarkOptions SetMarginsLayout(
        WatermarkMargins margins, WatermarkConstraintMode fitMode, ConstraintGravity gravity) =>
        SetMargins(margins).SetFitMode(fitMode).SetGravity(gravity);

    /// <summary>Sets <see cref="MinCanvasWidth"/> and <see cref="MinCanvasHeight"/>.</summary>
    public WatermarkOptions SetMinCanvasSize(uint? minWidth, uint? minHeight)
    {
        MinCanvasWidth = minWidth;
        MinCanvasHeight = minHeight;
        return this;
    }

    /// <summary>Sets <see cref="Hints"/>.</summary>
    [Obsolete("Use SetHints.")]
    public WatermarkOptions WithHints(ResampleHints hints) => SetHints(hints);

    /// <summary>Sets <see cref="Opacity"/>.</summary>
    [Obsolete("Use SetOpacity.")]
    public WatermarkOptions WithOpacity(float opacity) => SetOpacity(opacity);

    /// <summary>Sets <see cref="FitBox"/> to margins.</summary>
    [Obsolete("Use SetMargins.")]
    public WatermarkOptions WithMargins(WatermarkMargins margins) => SetMargins(margins);

    /// <summary>Sets <see cref="FitBox"/>.</summary>
    [Obsolete("Use SetFitBox.")]
    public WatermarkOptions WithFitBox(WatermarkFitBox fitBox) => SetFitBox(fitBox);

    /// <summary>Sets <see cref="FitMode"/>.</summary>
    [Obsolete("Use SetFitMode.")]
    public WatermarkOptions WithFitMode(WatermarkConstraintMode fitMode) => SetFitMode(fitMode);

    /// <summary>Sets <see cref="Gravity"/>.</summary>
    [Obsolete("Use SetGravity.")]
    public WatermarkOptions WithGravity(ConstraintGravity gravity) => SetGravity(gravity);

    /// <summary>Sets the box and how it is filled.</summary>
    [Obsolete("Use SetFitBoxLayout.")]
    public WatermarkOptions LayoutWithFitBox(
        WatermarkFitBox fitBox, WatermarkConstraintMode fitMode, ConstraintGravity gravity) =>
        SetFitBoxLayout(fitBox, fitMode, gravity);

    /// <summary>Sets margins and how the box between them is filled.</summary>
    [Obsolete("Use SetMarginsLayout.")]
    public WatermarkOptions LayoutWithMargins(
        WatermarkMargins margins, WatermarkConstraintMode fitMode, ConstraintGravity gravity) =>
        SetMarginsLayout(margins, fitMode, gravity);

    /// <summary>Sets <see cref="MinCanvasWidth"/> and <see cref="MinCanvasHeight"/>.</summary>
    [Obsolete("Use SetMinCanvasSize.")]
    public WatermarkOptions WithMinCanvasSize(uint? minWidth, uint? minHeight) =>
        SetMinCanvasSize(minWidth, minHeight);

    /// <summary>The options as the engine's JSON.</summary>
    [Obsolete("Pass the options to BuildNode.Watermark.")]
    public object ToImageflowDynamic(int? ioId) => JsonBuilding.ToPlain(ToJsonNode(ioId))!;

    internal JsonNode ToJsonNode(int? ioId) => new JsonObject()
        .With("io_id", ioId)
        .With("gravity", Gravity?.ToJsonNode())
        .With("fit_box", FitBox?.ToJsonNode())
        .With("fit_mode", FitMode.Wire())
        .With("min_canvas_width", MinCanvasWidth)
        .With("min_canvas_height", MinCanvasHeight)
        .With("opacity", Opacity)
        .With("hints", Hints?.ToJsonNode());
}
