using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>How to resample. What is not set is the engine's choice.</summary>
public class ResampleHints
{
    /// <summary>Nothing set.</summary>
    public ResampleHints()
    {
    }

    /// <summary>Everything at once.</summary>
    public ResampleHints(
        float? sharpenPercent,
        SharpenWhen? sharpenWhen,
        ResampleWhen? resampleWhen,
        InterpolationFilter? downFilter,
        InterpolationFilter? upFilter,
        ScalingFloatspace? interpolationColorspace)
    {
        SharpenPercent = sharpenPercent;
        SharpenWhen = sharpenWhen;
        ResampleWhen = resampleWhen;
        DownFilter = downFilter;
        UpFilter = upFilter;
        InterpolationColorspace = interpolationColorspace;
    }

    /// <summary>0 to 100.</summary>
    public float? SharpenPercent { get; set; }

    /// <summary>When to sharpen.</summary>
    public SharpenWhen? SharpenWhen { get; set; }

    /// <summary>When to resample.</summary>
    public ResampleWhen? ResampleWhen { get; set; }

    /// <summary>The filter for making images smaller.</summary>
    public InterpolationFilter? DownFilter { get; set; }

    /// <summary>The filter for making images larger.</summary>
    public InterpolationFilter? UpFilter { get; set; }

    /// <summary>Linear light or sRGB-encoded values.</summary>
    public ScalingFloatspace? InterpolationColorspace { get; set; }

    /// <summary>Sets how much and when to sharpen.</summary>
    public ResampleHints SetSharpen(float? sharpenPercent, SharpenWhen? sharpenWhen)
    {
        SharpenPercent = sharpenPercent;
        SharpenWhen = sharpenWhen;
        return this;
    }

    /// <summary>Sets <see cref="SharpenPercent"/>.</summary>
    public ResampleHints SetSharpenPercent(float? sharpenPercent)
    {
        SharpenPercent = sharpenPercent;
        return this;
    }

    /// <summary>Sets <see cref="SharpenWhen"/>.</summary>
    public ResampleHints SetSharpenWhen(SharpenWhen? sharpenWhen)
    {
        SharpenWhen = sharpenWhen;
        return this;
    }

    /// <summary>Sets both filters.</summary>
    public ResampleHints SetResampleFilters(InterpolationFilter? downFilter, InterpolationFilter? upFilter)
    {
        DownFilter = downFilter;
        UpFilter = upFilter;
        return this;
    }

    /// <summary>Sets <see cref="UpFilter"/>.</summary>
    public ResampleHints SetUpSamplingFilter(InterpolationFilter? upFilter)
    {
        UpFilter = upFilter;
        return this;
    }

    /// <summary>Sets <see cref="DownFilter"/>.</summary>
    public ResampleHints SetDownSamplingFilter(InterpolationFilter? downFilter)
    {
        DownFilter = downFilter;
        return this;
    }

    /// <summary>Sets <see cref="ResampleWhen"/>.</summary>
    public ResampleHints SetResampleWhen(ResampleWhen? resampleWhen)
    {
        ResampleWhen = resampleWhen;
        return this;
    }

    /// <summary>Sets <see cref="InterpolationColorspace"/>.</summary>
    public ResampleHints SetInterpolationColorspace(ScalingFloatspace? interpolationColorspace)
    {
        InterpolationColorspace = interpolationColorspace;
        return this;
    }

    /// <summary>Sets how much and when to sharpen.</summary>
    [Obsolete("Use SetSharpen.")]
    public ResampleHints Sharpen(float? sharpenPercent, SharpenWhen? sharpenWhen) =>
        SetSharpen(sharpenPercent, sharpenWhen);

    /// <summary>Sets both filters.</summary>
    [Obsolete("Use SetResampleFilters.")]
    public ResampleHints ResampleFilter(InterpolationFilter? downFilter, InterpolationFilter? upFilter) =>
        SetResampleFilters(downFilter, upFilter);

    /// <summary>Sets <see cref="ResampleWhen"/>.</summary>
    [Obsolete("Use SetResampleWhen.")]
    public ResampleHints Resample(ResampleWhen? resampleWhen) => SetResampleWhen(resampleWhen);

    /// <summary>Sets <see cref="InterpolationColorspace"/>.</summary>
    [Obsolete("Use SetInterpolationColorspace.")]
    public ResampleHints ResampleColorspace(ScalingFloatspace? interpolationColorspace) =>
        SetInterpolationColorspace(interpolationColorspace);

    /// <summary>The hints as the engine's JSON.</summary>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <summary>The hints as the engine's JSON.</summary>
    public JsonNode ToJsonNode() => new JsonObject()
        .With("sharpen_percent", SharpenPercent)
        .With("down_filter", DownFilter.Wire())
        .With("up_filter", UpFilter.Wire())
        .With("scaling_colorspace", InterpolationColorspace.Wire())
        .With("resample_when", ResampleWhen.Wire())
        .With("sharpen_when", SharpenWhen.Wire());
}
