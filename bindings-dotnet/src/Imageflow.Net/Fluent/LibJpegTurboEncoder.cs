using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>JPEG with classic settings.</summary>
[Obsolete("Use MozJpegEncoder.")]
public class LibJpegTurboEncoder : IEncoderPreset
{
    /// <summary>0 to 100.</summary>
    public int? Quality { get; set; }

    /// <summary>Whether a preview comes first.</summary>
    public bool? Progressive { get; set; }

    /// <summary>Smaller files, more time.</summary>
    public bool? OptimizeHuffmanCoding { get; set; }

    /// <summary>The colour behind transparent pixels.</summary>
    public AnyColor? Matte { get; set; }

    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        "libjpegturbo",
        new JsonObject()
            .With("quality", Quality)
            .With("progressive", Progressive)
            .With("optimize_huffman_coding", OptimizeHuffmanCoding)
            .With("matte", Matte?.ToJsonNode()));
}
