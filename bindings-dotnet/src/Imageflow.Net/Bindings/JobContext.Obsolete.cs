using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Imageflow.Bindings;

/// <content>Members kept for code written for older versions.</content>
public sealed partial class JobContext
{
    private const string ReflectionNeeded =
        "Serialises any type by reflection; use the overloads that take a JsonNode or bytes when trimming.";

    /// <summary>Sends any serialisable message.</summary>
    [Obsolete("Use InvokeAndParse or Invoke.")]
    [RequiresUnreferencedCode(ReflectionNeeded)]
    [RequiresDynamicCode(ReflectionNeeded)]
    public IJsonResponseProvider SendMessage<T>(string method, T message) =>
        Send(method, JsonSerializer.SerializeToUtf8Bytes(message), default);

    /// <summary>Sends a message.</summary>
    [Obsolete("Use InvokeAndParse or Invoke.")]
    public IJsonResponseProvider SendMessage(string method, JsonNode message) =>
        Send(method, JsonText.Utf8(message), default);

    /// <summary>Sends a message.</summary>
    [Obsolete("Use Invoke.")]
    public IJsonResponseProvider SendJsonBytes(string method, byte[] utf8Json) => Send(method, utf8Json, default);

    /// <summary>Runs any serialisable job message.</summary>
    [Obsolete("Use InvokeExecute.")]
    [RequiresUnreferencedCode(ReflectionNeeded)]
    [RequiresDynamicCode(ReflectionNeeded)]
    public IJsonResponseProvider Execute<T>(T message) =>
        Send(ExecuteMethod, JsonSerializer.SerializeToUtf8Bytes(message), default);

    /// <summary>Runs a job message.</summary>
    [Obsolete("Use InvokeExecute.")]
    public IJsonResponseProvider ExecuteJsonNode(JsonNode message) =>
        Send(ExecuteMethod, JsonText.Utf8(message), default);

    /// <summary>Runs a querystring on an input.</summary>
    [Obsolete("Use ImageJob.BuildCommandString.")]
    public IJsonResponseProvider ExecuteImageResizer4CommandString(int inputId, int outputId, string commands) =>
        Send(
            ExecuteMethod,
            JsonText.Utf8(new JsonObject
            {
                ["framewise"] = new JsonObject
                {
                    ["steps"] = new JsonArray(new JsonObject
                    {
                        ["command_string"] = new JsonObject
                        {
                            ["kind"] = "ir4",
                            ["value"] = commands,
                            ["decode"] = inputId,
                            ["encode"] = outputId,
                        },
                    }),
                },
            }),
            default);

    /// <summary>Reads an output in place. The stream keeps the job alive until it is disposed.</summary>
    [Obsolete("Use ImageJob with an IOutputDestination, for example BytesDestination.")]
    public unsafe Stream GetOutputBuffer(int ioId)
    {
        AssertReady();
        using var lease = _handle.Borrow();
        var bytes = ReadOutput(lease, ioId, out var size);
        return new ImageflowUnmanagedReadStream(_handle, bytes, size);
    }
}
