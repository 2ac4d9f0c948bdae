using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>The box a watermark goes in.</summary>
public interface IWatermarkConstraintBox
{
    /// <summary>The box as the engine's JSON.</summary>
    [Obsolete("Use ToJsonNode.")]
    object ToImageflowDynamic();

    /// <summary>The box as the engine's JSON.</summary>
    JsonNode ToJsonNode();
}
