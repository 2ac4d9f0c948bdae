using System.Text.Json.Nodes;

namespace Imageflow.Bindings;

/// <summary>Reads the engine's answers; what is missing is named.</summary>
internal static class ResponseJson
{
    /// <summary>The <c>data</c> of a successful answer.</summary>
    internal static JsonNode Data(JsonNode? response)
    {
        var root = response ?? throw new ImageflowAssertionFailed("The engine's answer is empty.");
        if (root["success"] is not JsonValue success || !success.TryGetValue(out bool succeeded) || !succeeded)
        {
            throw new ImageflowAssertionFailed($"The engine's answer is not a success: {root.ToJsonString()}");
        }

        return Member(root, "data");
    }

    internal static JsonNode Member(JsonNode node, string name) =>
        node[name] ?? throw new ImageflowAssertionFailed($"The engine's answer lacks \"{name}\": {node.ToJsonString()}");

    internal static string Text(JsonNode node, string name) => Member(node, name).GetValue<string>();

    internal static long Integer(JsonNode node, string name) => Member(node, name).GetValue<long>();

    internal static IEnumerable<JsonNode> Items(JsonNode node, string name) =>
        Member(node, name).AsArray().Select(item => item
            ?? throw new ImageflowAssertionFailed($"The engine's answer has a null in \"{name}\"."));
}
