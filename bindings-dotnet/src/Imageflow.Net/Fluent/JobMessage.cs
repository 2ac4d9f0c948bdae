using System.Globalization;
using System.Text.Json;

namespace Imageflow.Fluent;

/// <summary>Writes a job as the engine's JSON.</summary>
internal static class JobMessage
{
    /// <summary>The message for <c>execute</c>.</summary>
    internal static ReadOnlyMemory<byte> Execute(ImageJob job, SecurityOptions? security)
    {
        var stream = new MemoryStream(1024);
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            WriteFramewise(writer, job);
            WriteSecurity(writer, security);
            writer.WriteEndObject();
        }

        return new ReadOnlyMemory<byte>(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>The message for <c>build</c>, whose inputs and outputs are files.</summary>
    internal static byte[] Build(
        ImageJob job,
        SecurityOptions? security,
        IReadOnlyDictionary<int, string> inputFiles,
        IReadOnlyDictionary<int, string> outputFiles)
    {
        var stream = new MemoryStream(1024);
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("io");
            foreach (var file in inputFiles)
            {
                WriteFile(writer, file.Key, "in", file.Value);
            }

            foreach (var file in outputFiles)
            {
                WriteFile(writer, file.Key, "out", file.Value);
            }

            writer.WriteEndArray();
            writer.WriteStartObject("builder_config");
            WriteSecurity(writer, security);
            writer.WriteEndObject();
            WriteFramewise(writer, job);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteFramewise(Utf8JsonWriter writer, ImageJob job)
    {
        var numbers = new Dictionary<BuildItemBase, int>(job.Nodes.Count);
        writer.WriteStartObject("framewise");
        writer.WriteStartObject("graph");
        writer.WriteStartObject("nodes");
        foreach (var node in job.Nodes)
        {
            writer.WritePropertyName(numbers.Count.ToString(CultureInfo.InvariantCulture));
            node.NodeData.WriteTo(writer);
            numbers.Add(node, numbers.Count);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("edges");
        foreach (var node in job.Nodes)
        {
            WriteEdge(writer, numbers, node.Input, node, "input");
            WriteEdge(writer, numbers, node.Canvas, node, "canvas");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteEdge(
        Utf8JsonWriter writer,
        Dictionary<BuildItemBase, int> numbers,
        BuildNode? from,
        BuildItemBase to,
        string kind)
    {
        if (from == null)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("from", numbers[from]);
        writer.WriteNumber("to", numbers[to]);
        writer.WriteString("kind", kind);
        writer.WriteEndObject();
    }

    private static void WriteSecurity(Utf8JsonWriter writer, SecurityOptions? security)
    {
        writer.WritePropertyName("security");
        if (security == null)
        {
            writer.WriteNullValue();
        }
        else
        {
            security.ToJsonNode().WriteTo(writer);
        }
    }

    private static void WriteFile(Utf8JsonWriter writer, int ioId, string direction, string path)
    {
        writer.WriteStartObject();
        writer.WriteNumber("io_id", ioId);
        writer.WriteString("direction", direction);
        writer.WriteStartObject("io");
        writer.WriteString("file", path);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
