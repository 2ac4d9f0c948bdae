namespace Imageflow.Fluent;

/// <summary>What a watermark's box is measured against.</summary>
public enum WatermarkAlign
{
    /// <summary>The canvas, padding included.</summary>
    Canvas,

    /// <summary>The image without padding.</summary>
    Image,
}
