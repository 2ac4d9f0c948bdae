using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Imageflow.Bindings;

/// <summary>Writes messages.</summary>
internal static class JsonText
{
    internal static byte[] Utf8(JsonNode message)
    {
        if (message == null)
        {
            throw new ArgumentNullException(nameof(message));
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            message.WriteTo(writer);
        }

        return stream.ToArray();
    }
}
