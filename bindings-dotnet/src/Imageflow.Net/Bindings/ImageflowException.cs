using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Imageflow.Bindings;

/// <summary>An error reported by the engine.</summary>
public class ImageflowException : Exception
{
    private const int FirstTextBuffer = 2048;
    private const int LargestTextBuffer = 64 * 1024;

    /// <summary>The category of a cancelled job.</summary>
    internal const int OperationCancelled = 21;

    internal ImageflowException(string message)
        : base(message)
    {
    }

    internal ImageflowException(string message, int errorCode, int httpStatusCode, JsonNode? response = null)
        : base(message)
    {
        ErrorCode = errorCode;
        HttpStatusCode = httpStatusCode;
        Response = response;
    }

    /// <summary>The engine's error category (2: invalid argument, 4: malformed image …); 0 when it has none.</summary>
    public int ErrorCode { get; }

    /// <summary>The HTTP status that suits the error (400, 500 …); 0 when there is none.</summary>
    public int HttpStatusCode { get; }

    /// <summary>The engine's JSON answer, when there is one.</summary>
    public JsonNode? Response { get; }

    internal static unsafe ImageflowException FromContext(
        NativeApi api, IntPtr context, ReadOnlySpan<byte> message = default, byte[]? response = null)
    {
        var text = ErrorText(api, context);
        if (!message.IsEmpty)
        {
            text += "\nAdditional info: JSON:\n" + Utf8.Decode(message);
        }

        return new ImageflowException(
            text, api.ErrorCode(context), api.ErrorAsHttpCode(context), TryParse(response));
    }

    private static unsafe string ErrorText(NativeApi api, IntPtr context)
    {
        for (var size = FirstTextBuffer; size <= LargestTextBuffer; size *= 2)
        {
            var buffer = new byte[size];
            nuint written;
            fixed (byte* start = buffer)
            {
                if (api.ErrorWriteToBuffer(context, start, (nuint)size, &written) != 0)
                {
                    return Utf8.Decode(buffer.AsSpan(0, (int)written));
                }
            }
        }

        throw new ImageflowAssertionFailed(
            $"The engine's error text is longer than {LargestTextBuffer} bytes (error code {api.ErrorCode(context)}).");
    }

    private static JsonNode? TryParse(byte[]? response)
    {
        if (response == null)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(response);
        }
        catch (JsonException)
        {
            return null; // the error itself matters more than its second, unreadable form
        }
    }
}
