using System.Text.Json.Nodes;

namespace Imageflow.Net.Test;

/// <summary>Brings graphs to one form, by the rules of tests/bindings/README.md.</summary>
internal static class GraphForm
{
    /// <param name="nodes">Nodes by number.</param>
    /// <param name="edges">From, to and kind.</param>
    internal static List<string> Of(Dictionary<int, JsonNode> nodes, List<(int From, int To, string Kind)> edges)
    {
        string Form(int number)
        {
            string Parent(string kind)
            {
                var parents = edges.Where(edge => edge.To == number && edge.Kind == kind).ToList();
                return parents.Count switch
                {
                    0 => "null",
                    1 => Form(parents[0].From),
                    _ => throw new InvalidOperationException($"Node {number} has several {kind} parents."),
                };
            }

            return $"[{Normal(nodes[number])},{Parent("input")},{Parent("canvas")}]";
        }

        return nodes.Keys.Select(Form).OrderBy(form => form, StringComparer.Ordinal).ToList();
    }

    private static string Normal(JsonNode? node, string key = "")
    {
        switch (node)
        {
            case null:
                return "null";
            case JsonArray array:
                var items = array.Select(item => Normal(item));
                return "[" + string.Join(",", key == "commands" ? items.Order(StringComparer.Ordinal) : items) + "]";
            case JsonObject { Count: 1 } single when single.First().Value is null:
                return $"\"{single.First().Key}\"";
            case JsonObject members:
                return "{" + string.Join(",", members
                    .Where(member => member.Value != null && !IsEmptyOption(member))
                    .OrderBy(member => member.Key, StringComparer.Ordinal)
                    .Select(member => $"\"{member.Key}\":{Normal(member.Value, member.Key)}")) + "}";
            default:
                return Scalar(node, key);
        }
    }

    private static string Scalar(JsonNode node, string key)
    {
        var text = node.ToJsonString();
        return key == "hex" ? text.ToLowerInvariant().Replace("#", "")
            : double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number)
                ? number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)
                : text;
    }

    private static bool IsEmptyOption(KeyValuePair<string, JsonNode?> member) =>
        member is { Key: "hints", Value: JsonObject { Count: 0 } }
            or { Key: "commands", Value: JsonArray { Count: 0 } };
}
