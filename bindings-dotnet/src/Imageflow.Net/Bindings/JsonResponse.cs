using System.Text.Json.Nodes;

namespace Imageflow.Bindings;

/// <summary>
/// An answer copied out of the context at once: answers are about a kilobyte, and a copy may outlive the context.
/// </summary>
#pragma warning disable CS0618 // still offered to callers of the obsolete methods
internal sealed class JsonResponse : IJsonResponse, IJsonResponseProvider
#pragma warning restore CS0618
{
    private JsonResponse(int status, byte[] utf8)
    {
        ImageflowErrorCode = status;
        Bytes = utf8;
    }

    public int ImageflowErrorCode { get; }

    internal byte[] Bytes { get; }

    /// <summary>Copies a native response and frees it.</summary>
    internal static unsafe JsonResponse Read(NativeApi api, IntPtr context, IntPtr response)
    {
        long status;
        byte* text;
        nuint length;
        if (api.ResponseRead(context, response, &status, &text, &length) == 0)
        {
            throw ImageflowException.FromContext(api, context);
        }

        var copy = new ReadOnlySpan<byte>(text, checked((int)length)).ToArray();
        api.ResponseDestroy(context, response);
        return new JsonResponse((int)status, copy);
    }

    public string CopyString() => Utf8.Decode(Bytes);

    public JsonNode? Parse() => JsonNode.Parse(Bytes);

    public byte[] CopyBytes() => (byte[])Bytes.Clone();

    public Stream GetStream() => new MemoryStream(Bytes, writable: false);

    public void Dispose()
    {
        // Nothing native is held.
    }
}
