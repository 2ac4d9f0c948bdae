using System.Text.Json.Nodes;
using Imageflow.Fluent;

namespace Imageflow.Bindings;

/// <summary>What an image is, read from its header.</summary>
public class ImageInfo
{
    private ImageInfo(JsonNode node)
    {
        FrameDecodesInto = ResponseJson.Text(node, "frame_decodes_into") switch
        {
            "bgra_32" => PixelFormat.Bgra_32,
            "bgr_32" => PixelFormat.Bgr_32,
            var other => throw new ImageflowAssertionFailed($"Unknown pixel format \"{other}\" in an image info."),
        };
        ImageWidth = ResponseJson.Integer(node, "image_width");
        ImageHeight = ResponseJson.Integer(node, "image_height");
        PreferredMimeType = ResponseJson.Text(node, "preferred_mime_type");
        PreferredExtension = ResponseJson.Text(node, "preferred_extension");
    }

    /// <summary>The pixel format of decoded frames.</summary>
    public PixelFormat FrameDecodesInto { get; }

    /// <summary>Width in pixels, after the orientation in the file is applied.</summary>
    public long ImageWidth { get; }

    /// <summary>Height in pixels, after the orientation in the file is applied.</summary>
    public long ImageHeight { get; }

    /// <summary>For example <c>image/jpeg</c>.</summary>
    public string PreferredMimeType { get; }

    /// <summary>For example <c>jpg</c>.</summary>
    public string PreferredExtension { get; }

    internal static ImageInfo FromResponse(JsonNode? response) =>
        new(ResponseJson.Member(ResponseJson.Data(response), "image_info"));
}
