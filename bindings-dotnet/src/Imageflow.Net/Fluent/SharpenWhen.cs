namespace Imageflow.Fluent;

/// <summary>When to sharpen.</summary>
public enum SharpenWhen
{
    /// <summary>When the result is smaller.</summary>
    Downscaling,

    /// <summary>When the result is larger.</summary>
    Upscaling,

    /// <summary>When the size changes.</summary>
    Size_Differs,

    /// <summary>Always.</summary>
    Always,
}
