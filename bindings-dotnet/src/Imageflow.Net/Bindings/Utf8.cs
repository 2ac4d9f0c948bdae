using System.Text;

namespace Imageflow.Bindings;

/// <summary>UTF-8 as the C ABI wants it.</summary>
internal static class Utf8
{
    internal static unsafe string Decode(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return bytes.IsEmpty ? "" : Encoding.UTF8.GetString(start, bytes.Length);
        }
    }

    internal static byte[] NullTerminated(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, 0, text.Length, bytes, 0);
        return bytes;
    }
}
