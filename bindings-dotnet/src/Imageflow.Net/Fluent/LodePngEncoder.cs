using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>PNG without loss.</summary>
public class LodePngEncoder : IEncoderPreset
{
    /// <summary>Smaller files, more time.</summary>
    public bool? MaximumDeflate { get; set; }

    /// <summary>Sets <see cref="MaximumDeflate"/>.</summary>
    public LodePngEncoder SetMaximumDeflate(bool value)
    {
        MaximumDeflate = value;
        return this;
    }

    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        "lodepng",
        new JsonObject()
            .With("maximum_deflate", MaximumDeflate));
}
