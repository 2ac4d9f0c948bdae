using System.Drawing;
using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>How to decode an input.</summary>
public class DecodeCommands
{
    /// <summary>The least size the decoder of a JPEG should give.</summary>
    public Size? JpegDownscaleHint { get; set; }

    /// <summary>How the decoder of a JPEG makes it smaller.</summary>
    public DecoderDownscalingMode JpegDownscalingMode { get; set; } = DecoderDownscalingMode.Unspecified;

    /// <summary>The size the decoder of a WebP should give.</summary>
    public Size? WebPDownscaleHint { get; set; }

    /// <summary>The size the decoder of a WebP should give.</summary>
    [Obsolete("Use WebPDownscaleHint.")]
    public Size? WebpDownscaleHint
    {
        get => WebPDownscaleHint;
        set => WebPDownscaleHint = value;
    }

    /// <summary>Ignore the colour profile in the file.</summary>
    public bool DiscardColorProfile { get; set; }

    /// <summary>Go on without the colour profile when it cannot be used.</summary>
    public bool IgnoreColorProfileErrors { get; set; }

    /// <summary>Sets <see cref="JpegDownscaleHint"/> and <see cref="JpegDownscalingMode"/>.</summary>
    public DecodeCommands SetJpegDownscaling(int targetWidthHint, int targetHeightHint, DecoderDownscalingMode mode)
    {
        JpegDownscaleHint = new Size(targetWidthHint, targetHeightHint);
        JpegDownscalingMode = mode;
        return this;
    }

    /// <summary>Sets <see cref="WebPDownscaleHint"/>.</summary>
    public DecodeCommands SetWebPDownscaling(int targetWidthHint, int targetHeightHint)
    {
        WebPDownscaleHint = new Size(targetWidthHint, targetHeightHint);
        return this;
    }

    /// <summary>Sets <see cref="DiscardColorProfile"/>.</summary>
    public DecodeCommands SetDiscardColorProfile(bool value)
    {
        DiscardColorProfile = value;
        return this;
    }

    /// <summary>Sets <see cref="IgnoreColorProfileErrors"/>.</summary>
    public DecodeCommands SetIgnoreColorProfileErrors(bool value)
    {
        IgnoreColorProfileErrors = value;
        return this;
    }

    /// <summary>The commands as the engine's JSON.</summary>
    public object[] ToImageflowDynamic() => (object[])JsonBuilding.ToPlain(ToJsonNode())!;

    /// <summary>The commands as the engine's JSON.</summary>
    public JsonArray ToJsonNode()
    {
        var commands = new JsonArray();
        if (JpegDownscaleHint is { } jpeg)
        {
            var hints = new JsonObject().With("width", jpeg.Width).With("height", jpeg.Height);
            if (JpegDownscalingMode != DecoderDownscalingMode.Unspecified)
            {
                hints
                    .With("scale_luma_spatially", JpegDownscalingMode is
                        DecoderDownscalingMode.SpatialLumaScaling
                        or DecoderDownscalingMode.GammaCorrectSpatialLumaScaling)
                    .With("gamma_correct_for_srgb_during_spatial_luma_scaling", JpegDownscalingMode is
                        DecoderDownscalingMode.GammaCorrectSpatialLumaScaling);
            }

            commands.Add((JsonNode)JsonBuilding.Variant("jpeg_downscale_hints", hints));
        }

        if (WebPDownscaleHint is { } webp)
        {
            commands.Add((JsonNode)JsonBuilding.Variant(
                "webp_decoder_hints", new JsonObject().With("width", webp.Width).With("height", webp.Height)));
        }

        if (DiscardColorProfile)
        {
            commands.Add((JsonNode)JsonBuilding.Variant("discard_color_profile"));
        }

        if (IgnoreColorProfileErrors)
        {
            commands.Add((JsonNode)JsonBuilding.Variant("ignore_color_profile_errors"));
        }

        return commands;
    }
}
