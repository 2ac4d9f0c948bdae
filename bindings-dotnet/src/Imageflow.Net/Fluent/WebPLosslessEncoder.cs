using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>WebP without loss.</summary>
public class WebPLosslessEncoder : IEncoderPreset
{
    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant("webplossless");
}
