namespace Imageflow.Fluent;

/// <summary>How the pixels of a frame are stored.</summary>
public enum PixelFormat
{
    /// <summary>Blue, green, red, alpha.</summary>
    Bgra_32 = 4,

    /// <summary>Blue, green, red and an ignored byte.</summary>
    Bgr_32 = 70,
}
