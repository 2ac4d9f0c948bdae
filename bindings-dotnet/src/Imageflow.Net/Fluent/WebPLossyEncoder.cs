using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>WebP.</summary>
public class WebPLossyEncoder : IEncoderPreset
{
    /// <summary>WebP by a quality from 0 to 100.</summary>
    public WebPLossyEncoder(float quality)
    {
        Quality = quality;
    }

    /// <summary>0 to 100.</summary>
    public float? Quality { get; set; }

    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        "webplossy",
        new JsonObject()
            .With("quality", Quality));
}
