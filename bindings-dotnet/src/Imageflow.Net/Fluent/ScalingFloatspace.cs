namespace Imageflow.Fluent;

/// <summary>In which light values pixels are averaged.</summary>
public enum ScalingFloatspace
{
    /// <summary>sRGB-encoded: faster, darkens fine contrast.</summary>
    Srgb,

    /// <summary>Linear light: what optics does.</summary>
    Linear,
}
