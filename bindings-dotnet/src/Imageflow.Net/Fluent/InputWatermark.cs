using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A watermark for <see cref="ImageJob.BuildCommandString(IAsyncMemorySource, IOutputDestination, string, ICollection{InputWatermark}?)"/>.</summary>
public class InputWatermark
{
    /// <summary>A watermark whose id the job chooses.</summary>
    public InputWatermark(IAsyncMemorySource source, WatermarkOptions watermark)
    {
        Source = source ?? throw new ArgumentNullException(nameof(source));
        Watermark = watermark ?? throw new ArgumentNullException(nameof(watermark));
    }

    /// <summary>A watermark with an id of your choice.</summary>
    public InputWatermark(IAsyncMemorySource source, int ioId, WatermarkOptions watermark)
        : this(source, watermark)
    {
        IoId = ioId;
    }

    /// <summary>A watermark whose id the job chooses.</summary>
    [Obsolete("Use the constructor that takes an IAsyncMemorySource.")]
    public InputWatermark(IBytesSource source, WatermarkOptions watermark)
        : this(source.ToMemorySource(), watermark)
    {
    }

    /// <summary>A watermark with an id of your choice.</summary>
    [Obsolete("Use the constructor that takes an IAsyncMemorySource.")]
    public InputWatermark(IBytesSource source, int ioId, WatermarkOptions watermark)
        : this(source.ToMemorySource(), ioId, watermark)
    {
    }

    /// <summary>The image file.</summary>
    public IAsyncMemorySource Source { get; set; }

    /// <summary>The id in the job; null until the job has chosen one.</summary>
    public int? IoId { get; set; }

    /// <summary>Where and how it is drawn.</summary>
    public WatermarkOptions Watermark { get; set; }

    /// <summary>The watermark as the engine's JSON.</summary>
    [Obsolete("Pass the watermark to ImageJob.BuildCommandString.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    internal JsonNode ToJsonNode() => Watermark.ToJsonNode(
        IoId ?? throw new InvalidOperationException("InputWatermark.IoId is not set: add the watermark to a job first."));
}
