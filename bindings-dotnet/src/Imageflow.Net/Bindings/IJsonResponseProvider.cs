using System.Text.Json.Nodes;

namespace Imageflow.Bindings;

/// <summary>The engine's answer, as a stream.</summary>
[Obsolete("Use IJsonResponse, which JobContext.Invoke returns.")]
public interface IJsonResponseProvider : IDisposable
{
    /// <summary>The answer as UTF-8.</summary>
    [Obsolete("Use IJsonResponse.CopyBytes.")]
    Stream GetStream();
}

/// <summary>Reads answers.</summary>
public static class IJsonResponseProviderExtensions
{
    /// <summary>The answer as JSON.</summary>
    [Obsolete("Use IJsonResponse.Parse.")]
    public static JsonNode? DeserializeJsonNode(this IJsonResponseProvider p)
    {
        using var stream = p.GetStream();
        return JsonNode.Parse(stream);
    }

    /// <summary>The answer as text.</summary>
    [Obsolete("Use IJsonResponse.CopyString.")]
    public static string GetString(this IJsonResponseProvider p)
    {
        using var reader = new StreamReader(p.GetStream());
        return reader.ReadToEnd();
    }
}
