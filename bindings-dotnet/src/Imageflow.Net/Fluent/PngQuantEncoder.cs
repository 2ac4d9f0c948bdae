using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>PNG of at most 256 colours.</summary>
public class PngQuantEncoder : IEncoderPreset
{
    /// <summary>The engine's defaults.</summary>
    public PngQuantEncoder()
    {
    }

    /// <summary>By qualities from 0 to 100; if even the least one cannot be met, the PNG is without loss.</summary>
    public PngQuantEncoder(int? quality, int? minimumQuality)
    {
        Quality = quality;
        MinimumQuality = minimumQuality;
    }

    /// <summary>0 to 100: fewer colours are used when this is met.</summary>
    public int? Quality { get; set; }

    /// <summary>0 to 100: below it the PNG is without loss instead.</summary>
    public int? MinimumQuality { get; set; }

    /// <summary>1 (slow, best) to 10.</summary>
    public int? Speed { get; set; }

    /// <summary>Smaller files, more time.</summary>
    public bool? MaximumDeflate { get; set; }

    /// <summary>Sets <see cref="Quality"/>.</summary>
    public PngQuantEncoder SetQuality(int? quality)
    {
        Quality = quality;
        return this;
    }

    /// <summary>Sets <see cref="MinimumQuality"/>.</summary>
    public PngQuantEncoder SetMinimumQuality(int? minimumQuality)
    {
        MinimumQuality = minimumQuality;
        return this;
    }

    /// <summary>Sets <see cref="Speed"/>.</summary>
    public PngQuantEncoder SetSpeed(int? speed)
    {
        Speed = speed;
        return this;
    }

    /// <summary>Sets <see cref="MaximumDeflate"/>.</summary>
    public PngQuantEncoder SetMaximumDeflate(bool value)
    {
        MaximumDeflate = value;
        return this;
    }

    /// <inheritdoc/>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <inheritdoc/>
    public JsonNode ToJsonNode() => JsonBuilding.Variant(
        "pngquant",
        new JsonObject()
            .With("quality", Quality)
            .With("minimum_quality", MinimumQuality)
            .With("speed", Speed)
            .With("maximum_deflate", MaximumDeflate));
}
