using System.Text.Json.Nodes;

namespace Imageflow.Bindings;

/// <summary>The engine's answer to a message.</summary>
public interface IJsonResponse : IDisposable
{
    /// <summary>The HTTP-like status: 200 for success.</summary>
    int ImageflowErrorCode { get; }

    /// <summary>The answer as text.</summary>
    string CopyString();

    /// <summary>The answer as JSON.</summary>
    JsonNode? Parse();

    /// <summary>The answer as UTF-8.</summary>
    byte[] CopyBytes();
}
