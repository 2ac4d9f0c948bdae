namespace Imageflow.Fluent;

/// <summary>How a JPEG decoder reduces the image while reading it.</summary>
public enum DecoderDownscalingMode
{
    /// <summary>The decoder's choice.</summary>
    Unspecified = 0,

    /// <summary>The fastest.</summary>
    Fastest = 1,

    /// <summary>Averages luma by area.</summary>
    SpatialLumaScaling = 2,

    /// <summary>Averages luma by area, in linear light.</summary>
    GammaCorrectSpatialLumaScaling = 6,

    /// <summary>The best there is.</summary>
    Best = 6,
}
