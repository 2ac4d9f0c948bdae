using System.Drawing;
using System.Text.Json.Nodes;
using Imageflow.Fluent;

namespace Imageflow.Net.Test;

/// <summary>Turns the calls of the shared vectors into calls of this builder.</summary>
internal sealed class VectorDispatcher(ImageJob job)
{
    /// <summary>Tags of cases this package has no calls for.</summary>
    internal static readonly string[] NotOffered =
    [
        "preset_auto", "preset_format", "hint_background_color", "apply_orientation", "watermark_red_dot",
        "white_balance_fraction", "color_matrix",
    ];

    private static readonly byte[] AnyBytes = [1];

    internal BuildItemBase Run(JsonArray calls)
    {
        BuildItemBase? current = null;
        foreach (var call in calls)
        {
            current = Call((string)call![0]!, call[1]!, current as BuildNode);
        }

        return current!;
    }

    private BuildItemBase Call(string call, JsonNode a, BuildNode? node) => call switch
    {
        "decode" => job.Decode(new MemorySource(AnyBytes), Int(a, "io"), Commands(a["commands"])),
        "create_canvas" => (string)a["format"]! == "bgra_32"
            ? job.CreateCanvasBgra32(UInt(a, "w")!.Value, UInt(a, "h")!.Value, Color(a["color"])!.Value)
            : job.CreateCanvasBgr32(UInt(a, "w")!.Value, UInt(a, "h")!.Value, Color(a["color"])!.Value),
        "command_io" => job.BuildCommandString(
            new MemorySource(AnyBytes), Int(a, "decode"), new BytesDestination(), Int(a, "encode"),
            (string)a["value"]!),
        "encode" => node!.Encode(new BytesDestination(), Int(a, "io"), Preset(a["preset"]!)),
        "branch" => node!.Branch(start => (BuildEndpoint)Continue(a.AsArray(), start)),
        "constrain" => Constrain(a, node!),
        "distort" => node!.Distort(UInt(a, "w")!.Value, UInt(a, "h")!.Value, Hints(a["hints"])),
        "flip_v" => node!.FlipVertical(),
        "flip_h" => node!.FlipHorizontal(),
        "rotate_90" => node!.Rotate90(),
        "rotate_180" => node!.Rotate180(),
        "rotate_270" => node!.Rotate270(),
        "transpose" => node!.Transpose(),
        "crop" => node!.Crop(Int(a, "x1"), Int(a, "y1"), Int(a, "x2"), Int(a, "y2")),
        "region" => node!.Region(
            Int(a, "x1"), Int(a, "y1"), Int(a, "x2"), Int(a, "y2"), Color(a["background_color"])!.Value),
        "region_percent" => node!.RegionPercent(
            Float(a, "x1")!.Value, Float(a, "y1")!.Value, Float(a, "x2")!.Value, Float(a, "y2")!.Value,
            Color(a["background_color"])!.Value),
        "crop_whitespace" => node!.CropWhitespace(Int(a, "threshold"), Float(a, "percent_padding")!.Value),
        "fill_rect" => node!.FillRectangle(
            Int(a, "x1"), Int(a, "y1"), Int(a, "x2"), Int(a, "y2"), Color(a["color"])!.Value),
        "expand_canvas" => node!.ExpandCanvas(
            Int(a, "left"), Int(a, "top"), Int(a, "right"), Int(a, "bottom"), Color(a["color"])!.Value),
        "round_corners" => a["radius"]!["pixels"] != null
            ? node!.RoundAllImageCorners(Int(a["radius"]!, "pixels"), Color(a["background_color"])!.Value)
            : node!.RoundAllImageCornersPercent(
                Float(a["radius"]!, "percentage")!.Value, Color(a["background_color"])!.Value),
        "watermark" => node!.Watermark(new MemorySource(AnyBytes), Int(a, "io"), Watermark(a)),
        "color_filter" => ColorFilter(a["filter"]!, node!),
        "white_balance" => node!.WhiteBalanceSrgb(Int(a, "threshold")),
        "command" => node!.ResizerCommands((string)a["value"]!),
        "draw_image_exact" => node!.DrawImageExactTo(
            (BuildNode)Run(a["canvas"]!.AsArray()),
            new Rectangle(Int(a, "x"), Int(a, "y"), Int(a, "w"), Int(a, "h")),
            Hints(a["hints"]),
            Enum<CompositingMode>(a["blend"])),
        "copy_rect_to_canvas" => node!.CopyRectTo(
            (BuildNode)Run(a["canvas"]!.AsArray()),
            new Rectangle(Int(a, "from_x"), Int(a, "from_y"), Int(a, "w"), Int(a, "h")),
            new Point(Int(a, "x"), Int(a, "y"))),
        _ => throw new NotSupportedException($"Call \"{call}\" is unknown to the dispatcher."),
    };

    private BuildItemBase Continue(JsonArray calls, BuildNode start)
    {
        BuildItemBase current = start;
        foreach (var call in calls)
        {
            current = Call((string)call![0]!, call[1]!, (BuildNode)current);
        }

        return current;
    }

    private static BuildNode Constrain(JsonNode a, BuildNode node)
    {
        var constraint = new Constraint(Enum<ConstraintMode>(a["mode"])!.Value, UInt(a, "w"), UInt(a, "h"));
        constraint.CanvasColor = Color(a["canvas_color"]);
        constraint.Gravity = Gravity(a["gravity"]);
        constraint.Hints = Hints(a["hints"]);
        return node.Constrain(constraint);
    }

    private static BuildNode ColorFilter(JsonNode filter, BuildNode node)
    {
        if (filter is JsonValue)
        {
            return node.ColorFilterSrgb(Enum<ColorFilterSrgb>(filter)!.Value);
        }

        var (name, amount) = (filter.AsObject().First().Key, (float)filter.AsObject().First().Value!);
        return name switch
        {
            "alpha" => node.TransparencySrgb(amount),
            "contrast" => node.ContrastSrgb(amount),
            "brightness" => node.BrightnessSrgb(amount),
            "saturation" => node.SaturationSrgb(amount),
            _ => throw new NotSupportedException($"Filter \"{name}\" is unknown to the dispatcher."),
        };
    }

    private static IEncoderPreset Preset(JsonNode preset)
    {
        var name = preset is JsonValue ? (string)preset! : preset.AsObject().First().Key;
        var o = preset is JsonValue ? new JsonObject() : preset[name]!;
        return name switch
        {
            "gif" => new GifEncoder(),
            "webplossless" => new WebPLosslessEncoder(),
            "webplossy" => new WebPLossyEncoder(Float(o, "quality")!.Value),
            "lodepng" => new LodePngEncoder { MaximumDeflate = Bool(o, "maximum_deflate") },
            "mozjpeg" => new MozJpegEncoder(Int(o, "quality"), Bool(o, "progressive")!.Value)
            {
                Matte = Color(o["matte"]),
            },
            "pngquant" => new PngQuantEncoder((int?)o["quality"], (int?)o["minimum_quality"])
            {
                Speed = (int?)o["speed"],
                MaximumDeflate = Bool(o, "maximum_deflate"),
            },
            "libpng" => new LibPngEncoder
            {
                BitDepth = Enum<PngBitDepth>(o["depth"]),
                Matte = Color(o["matte"]),
                ZlibCompression = (int?)o["zlib_compression"],
            },
            "libjpegturbo" => new LibJpegTurboEncoder
            {
                Quality = (int?)o["quality"],
                Progressive = Bool(o, "progressive"),
                OptimizeHuffmanCoding = Bool(o, "optimize_huffman_coding"),
                Matte = Color(o["matte"]),
            },
            _ => throw new NotSupportedException($"Preset \"{name}\" is unknown to the dispatcher."),
        };
    }

    private static WatermarkOptions Watermark(JsonNode a)
    {
        var options = new WatermarkOptions
        {
            Gravity = Gravity(a["gravity"]),
            FitMode = Enum<WatermarkConstraintMode>(a["fit_mode"]),
            Opacity = Float(a, "opacity"),
            Hints = Hints(a["hints"]),
        }.SetMinCanvasSize(UInt(a, "min_canvas_width"), UInt(a, "min_canvas_height"));
        if (a["fit_box"] is not JsonObject box)
        {
            return options;
        }

        var (kind, o) = (box.First().Key, box.First().Value!);
        var align = kind.StartsWith("image") ? WatermarkAlign.Image : WatermarkAlign.Canvas;
        return kind.EndsWith("_margins")
            ? options.SetMargins(new WatermarkMargins(
                align, UInt(o, "left")!.Value, UInt(o, "top")!.Value, UInt(o, "right")!.Value,
                UInt(o, "bottom")!.Value))
            : options.SetFitBox(new WatermarkFitBox(
                align, Float(o, "x1")!.Value, Float(o, "y1")!.Value, Float(o, "x2")!.Value, Float(o, "y2")!.Value));
    }

    private static DecodeCommands? Commands(JsonNode? commands)
    {
        if (commands == null)
        {
            return null;
        }

        var result = new DecodeCommands();
        foreach (var command in commands.AsArray())
        {
            var name = command is JsonValue ? (string)command! : command!.AsObject().First().Key;
            switch (name)
            {
                case "discard_color_profile":
                    result.SetDiscardColorProfile(true);
                    break;
                case "ignore_color_profile_errors":
                    result.SetIgnoreColorProfileErrors(true);
                    break;
                case "webp_decoder_hints":
                    result.SetWebPDownscaling(Int(command![name]!, "width"), Int(command[name]!, "height"));
                    break;
                case "jpeg_downscale_hints":
                    var o = command![name]!;
                    var mode = Bool(o, "scale_luma_spatially") switch
                    {
                        null => DecoderDownscalingMode.Unspecified,
                        false => DecoderDownscalingMode.Fastest,
                        _ => Bool(o, "gamma_correct_for_srgb_during_spatial_luma_scaling") == true
                            ? DecoderDownscalingMode.Best
                            : DecoderDownscalingMode.SpatialLumaScaling,
                    };
                    result.SetJpegDownscaling(Int(o, "width"), Int(o, "height"), mode);
                    break;
                default:
                    throw new NotSupportedException($"Command \"{name}\" is unknown to the dispatcher.");
            }
        }

        return result;
    }

    private static ResampleHints? Hints(JsonNode? hints) => hints == null ? null : new ResampleHints(
        Float(hints, "sharpen_percent"),
        Enum<SharpenWhen>(hints["sharpen_when"]),
        Enum<ResampleWhen>(hints["resample_when"]),
        Enum<InterpolationFilter>(hints["down_filter"]),
        Enum<InterpolationFilter>(hints["up_filter"]),
        Enum<ScalingFloatspace>(hints["scaling_colorspace"]));

    private static ConstraintGravity? Gravity(JsonNode? gravity) => gravity == null ? null : new ConstraintGravity(
        Float(gravity["percentage"]!, "x")!.Value, Float(gravity["percentage"]!, "y")!.Value);

    private static AnyColor? Color(JsonNode? color) => color switch
    {
        null => null,
        JsonValue value => (string)value! == "black" ? AnyColor.Black : AnyColor.Transparent,
        _ => AnyColor.FromHexSrgb((string)color["srgb"]!["hex"]!),
    };

    private static T? Enum<T>(JsonNode? name)
        where T : struct, Enum => name == null ? null : System.Enum.Parse<T>((string)name!, ignoreCase: true);

    private static int Int(JsonNode node, string name) => (int)node[name]!;

    private static uint? UInt(JsonNode node, string name) => (uint?)node[name];

    private static float? Float(JsonNode node, string name) => (float?)node[name];

    private static bool? Bool(JsonNode node, string name) => (bool?)node[name];
}
