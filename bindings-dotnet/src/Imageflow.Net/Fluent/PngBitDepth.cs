namespace Imageflow.Fluent;

/// <summary>Bits per pixel of a PNG.</summary>
public enum PngBitDepth
{
    /// <summary>With alpha.</summary>
    Png_32,

    /// <summary>Without alpha.</summary>
    Png_24,
}
