namespace Imageflow.Fluent;

/// <summary>How a colour is given.</summary>
public enum ColorKind
{
    /// <summary>Opaque black.</summary>
    Black,

    /// <summary>Fully transparent.</summary>
    Transparent,

    /// <summary>sRGB values.</summary>
    Srgb,
}
