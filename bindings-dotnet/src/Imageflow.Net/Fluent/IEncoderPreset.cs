using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A file format and its options.</summary>
public interface IEncoderPreset
{
    /// <summary>The preset as plain objects that serialise to the engine's JSON.</summary>
    object ToImageflowDynamic();

    /// <summary>The preset as the engine's JSON.</summary>
    JsonNode ToJsonNode();
}
