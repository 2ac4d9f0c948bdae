namespace Imageflow.Fluent;

/// <summary>A colour filter on sRGB values.</summary>
public enum ColorFilterSrgb
{
    /// <summary>Grey by the NTSC weights.</summary>
    Grayscale_Ntsc,

    /// <summary>Grey by equal weights.</summary>
    Grayscale_Flat,

    /// <summary>Grey by the BT.709 weights.</summary>
    Grayscale_Bt709,

    /// <summary>Grey by the R-Y weights.</summary>
    Grayscale_Ry,

    /// <summary>Brown tones.</summary>
    Sepia,

    /// <summary>The negative.</summary>
    Invert,
}
