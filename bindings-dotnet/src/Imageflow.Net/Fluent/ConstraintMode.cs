namespace Imageflow.Fluent;

/// <summary>How an image is brought to a size.</summary>
public enum ConstraintMode
{
    /// <summary>Exactly the size; the aspect ratio may change.</summary>
    Distort,

    /// <summary>Within the size; never enlarged.</summary>
    Within,

    /// <summary>Fits the size; enlarged if need be.</summary>
    Fit,

    /// <summary>Enlarged if smaller; never made smaller.</summary>
    Larger_Than,

    /// <summary>Within the size, cropped to its aspect ratio; never enlarged.</summary>
    Within_Crop,

    /// <summary>Exactly the size, cropped to its aspect ratio.</summary>
    Fit_Crop,

    /// <summary>Cropped to the aspect ratio; not scaled.</summary>
    Aspect_Crop,

    /// <summary>Within the size, padded to it; never enlarged.</summary>
    Within_Pad,

    /// <summary>Fits the size, padded to it.</summary>
    Fit_Pad,
}
