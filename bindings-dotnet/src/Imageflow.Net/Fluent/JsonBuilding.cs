using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>Builds the engine's JSON. A null is an option that was not set: it is left out.</summary>
internal static class JsonBuilding
{
    internal static JsonObject With(this JsonObject target, string key, JsonNode? value)
    {
        if (value != null)
        {
            target.Add(key, value);
        }

        return target;
    }

    internal static JsonObject With(this JsonObject target, string key, string? value) =>
        value == null ? target : target.With(key, JsonValue.Create(value));

    internal static JsonObject With(this JsonObject target, string key, int? value) =>
        value == null ? target : target.With(key, JsonValue.Create(value.Value));

    internal static JsonObject With(this JsonObject target, string key, uint? value) =>
        value == null ? target : target.With(key, JsonValue.Create(value.Value));

    internal static JsonObject With(this JsonObject target, string key, float? value) =>
        value == null ? target : target.With(key, JsonValue.Create(value.Value));

    internal static JsonObject With(this JsonObject target, string key, bool? value) =>
        value == null ? target : target.With(key, JsonValue.Create(value.Value));

    /// <summary>The engine spells a value of an enum as the lower-cased name.</summary>
    internal static string Wire<T>(this T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    internal static string? Wire<T>(this T? value)
        where T : struct, Enum => value?.Wire();

    /// <summary>An object with one member, the form of nodes, presets and variants.</summary>
    internal static JsonObject Variant(string name, JsonNode? value = null) => new() { [name] = value };

    /// <summary>
    /// The same as dictionaries, arrays and plain values, which any serialiser writes the same way: what the obsolete
    /// ToImageflowDynamic methods promise.
    /// </summary>
    internal static object? ToPlain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject members => members.ToDictionary(member => member.Key, member => ToPlain(member.Value)),
        JsonArray items => items.Select(ToPlain).ToArray(),
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        JsonValue value when value.TryGetValue(out int number) => number,
        JsonValue value when value.TryGetValue(out uint number) => number,
        JsonValue value when value.TryGetValue(out float number) => number,
        _ => throw new NotSupportedException($"Not a value of a message: {node.ToJsonString()}"),
    };
}
