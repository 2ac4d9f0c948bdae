using System.Diagnostics.CodeAnalysis;
using System.Runtime.ConstrainedExecution;
using System.Text.Json;
using System.Text.Json.Nodes;
using Imageflow.Fluent;

namespace Imageflow.Bindings;

/// <summary>
/// One job of the engine: its inputs, its outputs and the messages that say what to do. Use a new one for each job;
/// after an error a context answers every message with that error.
/// </summary>
public sealed partial class JobContext : CriticalFinalizerObject, IDisposable
{
    private const string ExecuteMethod = "v0.1/execute";

    private readonly NativeApi _api;
    private readonly ContextHandle _handle;
    private readonly HashSet<int> _ioIds = [];

    /// <summary>Creates a job; the first one loads the engine's library.</summary>
    public JobContext()
    {
        _api = NativeApi.Instance;
        _handle = new ContextHandle(_api);
    }

    /// <summary>Whether a message or an input failed. Nothing clears it.</summary>
    public unsafe bool HasError
    {
        get
        {
            using var lease = _handle.Borrow();
            return _api.HasError(lease.Context) != 0;
        }
    }

    /// <summary>Whether the job is disposed.</summary>
    public bool IsDisposed => _handle.IsClosed;

    /// <summary>Throws unless the job is usable: not disposed, without an error.</summary>
    public unsafe void AssertReady()
    {
        if (IsDisposed)
        {
            throw new ObjectDisposedException(nameof(JobContext));
        }

        using var lease = _handle.Borrow();
        if (_api.HasError(lease.Context) != 0)
        {
            throw ImageflowException.FromContext(_api, lease.Context);
        }
    }

    /// <summary>Whether an input or an output has this id.</summary>
    public bool ContainsIoId(int ioId)
    {
        lock (_ioIds)
        {
            return _ioIds.Contains(ioId);
        }
    }

    /// <summary>Frees the job, its outputs and then the inputs it borrowed.</summary>
    public void Dispose() => _handle.Dispose();

    /// <summary>Sends an empty message.</summary>
    public IJsonResponse Invoke(string method) => Invoke(method, "{}"u8);

    /// <summary>Sends an empty message.</summary>
    public IJsonResponse Invoke(string method, CancellationToken cancellationToken) =>
        Invoke(method, "{}"u8, cancellationToken);

    /// <summary>Sends a message and waits for the answer.</summary>
    public IJsonResponse Invoke(string method, ReadOnlySpan<byte> utf8Json) => Send(method, utf8Json, default);

    /// <summary>Sends a message and waits for the answer or the cancellation.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before or during the job.</exception>
    public IJsonResponse Invoke(string method, ReadOnlySpan<byte> utf8Json, CancellationToken cancellationToken) =>
        Send(method, utf8Json, cancellationToken);

    /// <summary>Sends an empty message and parses the answer.</summary>
    public JsonNode? InvokeAndParse(string method) => Send(method, "{}"u8, default).Parse();

    /// <summary>Sends an empty message and parses the answer.</summary>
    public JsonNode? InvokeAndParse(string method, CancellationToken cancellationToken) =>
        Send(method, "{}"u8, cancellationToken).Parse();

    /// <summary>Sends a message and parses the answer.</summary>
    public JsonNode? InvokeAndParse(string method, JsonNode message) =>
        InvokeAndParse(method, message, default);

    /// <summary>Sends a message and parses the answer.</summary>
    public JsonNode? InvokeAndParse(string method, JsonNode message, CancellationToken cancellationToken) =>
        Send(method, JsonText.Utf8(message), cancellationToken).Parse();

    /// <summary>Runs a job message (<c>{"framewise": …}</c>).</summary>
    public IJsonResponse InvokeExecute(JsonNode message) => InvokeExecute(message, default);

    /// <summary>Runs a job message (<c>{"framewise": …}</c>).</summary>
    public IJsonResponse InvokeExecute(JsonNode message, CancellationToken cancellationToken) =>
        Send(ExecuteMethod, JsonText.Utf8(message), cancellationToken);

    /// <summary>Reads the header of an input.</summary>
    public ImageInfo GetImageInfo(int ioId) => GetImageInfo(ioId, default);

    internal ImageInfo GetImageInfo(int ioId, CancellationToken cancellationToken) => ImageInfo.FromResponse(
        InvokeAndParse("v0.1/get_image_info", new JsonObject { ["io_id"] = ioId }, cancellationToken));

    /// <summary>Says which build of the engine is loaded.</summary>
    public VersionInfo GetVersionInfo() => VersionInfo.FromResponse(InvokeAndParse("v1/get_version_info"));

    internal JsonNode? Execute(ReadOnlySpan<byte> utf8Json, CancellationToken cancellationToken) =>
        Send(ExecuteMethod, utf8Json, cancellationToken).Parse();

    private unsafe JsonResponse Send(string method, ReadOnlySpan<byte> utf8Json, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        AssertReady();
        using var lease = _handle.Borrow();

        // Disposing the registration waits for a callback in progress, so none outlives this call.
        using var registration = cancellationToken.Register(
            static handle => ((ContextHandle)handle!).RequestCancellation(), _handle);

        IntPtr pointer;
        byte none = 0; // an empty span has no address, and the ABI refuses a null one
        fixed (byte* methodStart = Utf8.NullTerminated(method))
        fixed (byte* jsonStart = utf8Json)
        {
            pointer = _api.SendJson(
                lease.Context, methodStart, jsonStart != null ? jsonStart : &none, (nuint)utf8Json.Length);
        }

        var response = pointer != IntPtr.Zero ? JsonResponse.Read(_api, lease.Context, pointer) : null;
        if (_api.HasError(lease.Context) != 0)
        {
            var error = ImageflowException.FromContext(_api, lease.Context, utf8Json, response?.Bytes);
            throw error.ErrorCode == ImageflowException.OperationCancelled && cancellationToken.IsCancellationRequested
                ? new OperationCanceledException(error.Message, error, cancellationToken)
                : error;
        }

        return response ?? throw new ImageflowAssertionFailed($"The engine gave no answer to {method}.");
    }

    /// <summary>Claims an id; a failed native call would put the whole job in error, so duplicates stop here.</summary>
    private void Claim(int ioId)
    {
        AssertReady();
        lock (_ioIds)
        {
            if (!_ioIds.Add(ioId))
            {
                throw new ArgumentException($"io_id {ioId} is already in use in this job.", nameof(ioId));
            }
        }
    }
}
