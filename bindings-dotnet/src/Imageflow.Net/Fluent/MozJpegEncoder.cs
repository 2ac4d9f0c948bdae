using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>JPEG.</summary>
public class MozJpegEncoder : IEncoderPreset
{
    /// <summary>JPEG by a quality from 0 to 100.</summary>
    public MozJpegEncoder(int quality)
    {
        Quality = quality;
    }

    /// <summary>JPEG by a quality from 0 to 100, progressive or not.</summary>
    public MozJpegEncoder(int quality, bool progressive)
        : this(quality)
    {
        Progressive = progressive;
    }

    /// <summary>0 to 100.</summary>
    public int? Quality { get; set; }

    /// <summary>Whether a preview comes first; usually smaller too.</summary>
    public bool? Progressive { get; set; }

    /// <summary>The colour behind transparent pixels.</summary>
    public AnyColor? Matte { get; set; }

    /// <summary>Sets <see cref="Progressive"/>.</summary>
    public MozJpegEncoder SetProgressive(bool progressive)
    {
        Progressive = progressive;
        return this;
    }

    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        "mozjpeg",
        new JsonObject()
            .With("quality", Quality)
            .With("progressive", Progressive)
            .With("matte", Matte?.ToJsonNode()));
}
