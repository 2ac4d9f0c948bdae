namespace Imageflow.Fluent;

/// <summary>How a drawn image meets the canvas.</summary>
public enum CompositingMode
{
    /// <summary>Blends by alpha.</summary>
    Compose,

    /// <summary>Replaces the pixels.</summary>
    Overwrite,
}
