using System.Text;

namespace Imageflow.Fluent;

/// <summary>Tells image files apart by how they start.</summary>
internal static class MagicBytes
{
    private const int Needed = 12;

    private static readonly (string ContentType, (int Offset, byte[] Bytes)[] Parts)[] Types =
    [
        ("image/jpeg", [(0, [0xff, 0xd8, 0xff])]),
        ("image/gif", [(0, Ascii("GIF87a"))]),
        ("image/gif", [(0, Ascii("GIF89a"))]),
        ("image/png", [(0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])]),
        ("image/webp", [(0, Ascii("RIFF")), (8, Ascii("WEBP"))]),
        ("image/tiff", [(0, [0x49, 0x49, 0x2a, 0x00])]),
        ("image/tiff", [(0, [0x4d, 0x4d, 0x00, 0x2a])]),
        ("image/bmp", [(0, Ascii("BM"))]),
        ("image/x-icon", [(0, [0x00, 0x00, 0x01, 0x00])]),
        ("image/avif", [(4, Ascii("ftypavif"))]),
        ("image/avif", [(4, Ascii("ftypavis"))]),
        ("image/heic", [(4, Ascii("ftypheic"))]),
        ("image/heif", [(4, Ascii("ftypmif1"))]),
        ("image/jp2", [(0, [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a])]),
        ("image/jxl", [(0, [0xff, 0x0a])]),
        ("image/jxl", [(0, [0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a])]),
    ];

    internal static string? ContentType(byte[] first12Bytes)
    {
        if (first12Bytes == null || first12Bytes.Length < Needed)
        {
            throw new ArgumentException($"The first {Needed} bytes of the file are needed.", nameof(first12Bytes));
        }

        return Types.FirstOrDefault(type => type.Parts.All(part =>
            first12Bytes.AsSpan(part.Offset, part.Bytes.Length).SequenceEqual(part.Bytes))).ContentType;
    }

    /// <summary>The formats every build of the engine decodes.</summary>
    internal static bool CanDecode(byte[] first12Bytes) =>
        ContentType(first12Bytes) is "image/jpeg" or "image/gif" or "image/png" or "image/webp";

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
