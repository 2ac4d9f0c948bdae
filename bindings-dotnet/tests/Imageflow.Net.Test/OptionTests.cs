using System.Text.Json;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class OptionTests
{
    [Fact]
    public void Colours_are_written_as_the_engine_reads_them()
    {
        Assert.Equal("\"black\"", default(AnyColor).ToJsonNode().ToJsonString());
        Assert.Equal("\"transparent\"", AnyColor.Transparent.ToJsonNode().ToJsonString());
        foreach (var (given, written) in new[]
        {
            ("#f80", "ff8800"), ("F808", "ff880088"), ("ff8800", "ff8800"), ("ff8800ff", "ff8800"), ("#01020304", "01020304"),
        })
        {
            Assert.Equal($"{{\"srgb\":{{\"hex\":\"{written}\"}}}}", AnyColor.FromHexSrgb(given).ToJsonNode().ToJsonString());
        }

        Assert.Equal("0a0b0c0d", SrgbColor.BGRA(12, 11, 10, 13).ToHexUnprefixed());
        Assert.Equal("0a0b0c", SrgbColor.RGB(10, 11, 12).ToHexUnprefixed());
    }

    [Fact]
    public void The_dynamic_form_serialises_to_the_same_json()
    {
        var options = new WatermarkOptions()
            .SetFitBox(new WatermarkFitBox().SetRelativeTo(WatermarkAlign.Image).SetTopLeft(1, 2.5f).SetBottomRight(90, 80))
            .SetHints(new ResampleHints().SetSharpen(10, SharpenWhen.Downscaling).SetResampleFilters(
                InterpolationFilter.Robidoux_Sharp, InterpolationFilter.Cubic_B_Spline))
            .SetMinCanvasSize(10, null);
        Assert.Equal(
            options.ToJsonNode(3).ToJsonString(), JsonSerializer.Serialize(options.ToImageflowDynamic(3)));
        Assert.Equal(
            "{\"io_id\":3,\"fit_box\":{\"image_percentage\":{\"x1\":1,\"y1\":2.5,\"x2\":90,\"y2\":80}},"
            + "\"min_canvas_width\":10,\"hints\":{\"sharpen_percent\":10,\"down_filter\":\"robidoux_sharp\","
            + "\"up_filter\":\"cubic_b_spline\",\"sharpen_when\":\"downscaling\"}}",
            options.ToJsonNode(3).ToJsonString());
        var commands = new DecodeCommands { WebpDownscaleHint = new(3, 4) }.SetDiscardColorProfile(true);
        Assert.Equal(commands.ToJsonNode().ToJsonString(), JsonSerializer.Serialize(commands.ToImageflowDynamic()));
        Assert.Equal(2, commands.ToImageflowDynamic().Length);
    }

    [Fact]
    public void Options_that_are_not_set_are_left_out()
    {
        foreach (var preset in new IEncoderPreset[] { new LodePngEncoder(), new LibPngEncoder(), new PngQuantEncoder() })
        {
            Assert.Contains(":{}}", preset.ToJsonNode().ToJsonString());
        }

        Assert.Equal("{\"mozjpeg\":{\"quality\":80}}", new MozJpegEncoder(80).ToJsonNode().ToJsonString());
        Assert.Equal("{\"gif\":null}", JsonSerializer.Serialize(new GifEncoder().ToImageflowDynamic()));
    }

    [Fact]
    public void Decoder_downscaling_modes_set_their_flags()
    {
        static string Json(DecoderDownscalingMode mode) =>
            new DecodeCommands().SetJpegDownscaling(5, 6, mode).ToJsonNode().ToJsonString();
        const string Start = "[{\"jpeg_downscale_hints\":{\"width\":5,\"height\":6";
        const string Spatial = ",\"scale_luma_spatially\":";
        const string Gamma = ",\"gamma_correct_for_srgb_during_spatial_luma_scaling\":";
        Assert.Equal($"{Start}}}}}]", Json(DecoderDownscalingMode.Unspecified));
        Assert.Equal($"{Start}{Spatial}false{Gamma}false}}}}]", Json(DecoderDownscalingMode.Fastest));
        Assert.Equal($"{Start}{Spatial}true{Gamma}false}}}}]", Json(DecoderDownscalingMode.SpatialLumaScaling));
        Assert.Equal($"{Start}{Spatial}true{Gamma}true}}}}]", Json(DecoderDownscalingMode.Best));
    }
}
