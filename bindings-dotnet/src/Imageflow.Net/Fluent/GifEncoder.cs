using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>GIF.</summary>
public class GifEncoder : IEncoderPreset
{
    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant("gif");
}
