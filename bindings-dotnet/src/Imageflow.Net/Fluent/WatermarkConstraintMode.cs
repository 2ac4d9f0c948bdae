namespace Imageflow.Fluent;

/// <summary>How a watermark fills its box.</summary>
public enum WatermarkConstraintMode
{
    /// <summary>Exactly the box; the aspect ratio may change.</summary>
    Distort,

    /// <summary>Within the box; never enlarged.</summary>
    Within,

    /// <summary>Fits the box; enlarged if need be.</summary>
    Fit,

    /// <summary>Within the box, cropped to its aspect ratio; never enlarged.</summary>
    Within_Crop,

    /// <summary>Exactly the box, cropped to its aspect ratio.</summary>
    Fit_Crop,
}
