using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>PNG without loss, by zlib level.</summary>
[Obsolete("Use LodePngEncoder.")]
public class LibPngEncoder : IEncoderPreset
{
    /// <summary>The colour behind transparent pixels.</summary>
    public AnyColor? Matte { get; set; }

    /// <summary>0 to 9.</summary>
    public int? ZlibCompression { get; set; }

    /// <summary>With or without alpha.</summary>
    public PngBitDepth? BitDepth { get; set; }

    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        "libpng",
        new JsonObject()
            .With("depth", BitDepth.Wire())
            .With("matte", Matte?.ToJsonNode())
            .With("zlib_compression", ZlibCompression));
}
