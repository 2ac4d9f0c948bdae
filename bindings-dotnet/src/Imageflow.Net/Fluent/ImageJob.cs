using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>
/// Describes a job — inputs, a graph of operations, outputs — and runs it. Build it from one thread.
/// </summary>
public partial class ImageJob : IDisposable
{
    private readonly Dictionary<int, IAsyncMemorySource> _inputs = [];
    private readonly Dictionary<int, IOutputDestination> _outputs = [];
    private readonly List<BuildItemBase> _nodes = [];
    private bool _disposed;

    internal IReadOnlyDictionary<int, IAsyncMemorySource> Inputs => _inputs;

    internal IReadOnlyDictionary<int, IOutputDestination> Outputs => _outputs;

    internal IReadOnlyList<BuildItemBase> Nodes => _nodes;

    /// <summary>Decodes an array, which must not change until the job is disposed.</summary>
    public BuildNode Decode(byte[] source) => Decode(source, GenerateIoId());

    /// <summary>Decodes an array, with an id of your choice.</summary>
    public BuildNode Decode(byte[] source, int ioId) => Decode(new MemorySource(source), ioId);

    /// <summary>Decodes a stream, from its position to its end.</summary>
    public BuildNode Decode(Stream source, bool disposeStream) => Decode(source, disposeStream, GenerateIoId());

    /// <summary>Decodes a stream, with an id of your choice.</summary>
    public BuildNode Decode(Stream source, bool disposeStream, int ioId) => Decode(
        disposeStream
            ? BufferedStreamSource.UseStreamRemainderAndDisposeWithSource(source)
            : BufferedStreamSource.BorrowStreamRemainder(source),
        ioId);

    /// <summary>Decodes a source, which is disposed with the job.</summary>
    public BuildNode Decode<T>(T source)
        where T : IAsyncMemorySource => Decode(source, GenerateIoId(), null);

    /// <summary>Decodes a source as the commands say.</summary>
    public BuildNode Decode<T>(T source, DecodeCommands commands)
        where T : IAsyncMemorySource => Decode(source, GenerateIoId(), commands);

    /// <summary>Decodes a source, with an id of your choice.</summary>
    public BuildNode Decode<T>(T source, int ioId)
        where T : IAsyncMemorySource => Decode(source, ioId, null);

    /// <summary>Decodes a source as the commands say, with an id of your choice.</summary>
    public BuildNode Decode<T>(T source, int ioId, DecodeCommands? commands)
        where T : IAsyncMemorySource
    {
        AddInput(ioId, source);
        var list = commands?.ToJsonNode();
        return new BuildNode(
            this,
            JsonBuilding.Variant(
                "decode", new JsonObject().With("io_id", ioId).With("commands", list is { Count: > 0 } ? list : null)),
            null,
            null);
    }

    /// <summary>Decodes a file.</summary>
    public BuildNode DecodeFile(string path) => DecodeFile(path, GenerateIoId());

    /// <summary>Decodes a file, with an id of your choice.</summary>
    public BuildNode DecodeFile(string path, int ioId) => Decode(new FileSource(path), ioId);

    /// <summary>Starts from a canvas with alpha.</summary>
    public BuildNode CreateCanvasBgra32(uint w, uint h, AnyColor color) =>
        CreateCanvas(w, h, color, PixelFormat.Bgra_32);

    /// <summary>Starts from a canvas without alpha.</summary>
    public BuildNode CreateCanvasBgr32(uint w, uint h, AnyColor color) =>
        CreateCanvas(w, h, color, PixelFormat.Bgr_32);

    /// <summary>Goes on to running the job.</summary>
    public FinishJobBuilder Finish() => new(this);

    /// <summary>An id no input or output has yet.</summary>
    public int GenerateIoId() => _inputs.Keys.Concat(_outputs.Keys).DefaultIfEmpty(-1).Max() + 1;

    /// <summary>Disposes the sources and destinations.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the sources and destinations.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _disposed)
        {
            return;
        }

        _disposed = true;
        foreach (var disposable in _inputs.Values.Cast<IDisposable>().Concat(_outputs.Values))
        {
            disposable.Dispose();
        }
    }

    internal void AddNode(BuildItemBase node)
    {
        AssertReady();
        _nodes.Add(node);
    }

    internal void AddInput(int ioId, IAsyncMemorySource source)
    {
        if (source == null)
        {
            throw new ArgumentNullException(nameof(source));
        }

        AssertFree(ioId);
        _inputs.Add(ioId, source);
    }

    internal void AddOutput(int ioId, IOutputDestination destination)
    {
        if (destination == null)
        {
            throw new ArgumentNullException(nameof(destination));
        }

        AssertFree(ioId);
        _outputs.Add(ioId, destination);
    }

    internal void AssertReady()
    {
        if (_disposed)
        {
            throw new ObjectDisposedException(nameof(ImageJob));
        }
    }

    private void AssertFree(int ioId)
    {
        AssertReady();
        if (_inputs.ContainsKey(ioId) || _outputs.ContainsKey(ioId))
        {
            throw new ArgumentException($"io_id {ioId} is already in use in this job.", nameof(ioId));
        }
    }

    private BuildNode CreateCanvas(uint w, uint h, AnyColor color, PixelFormat format) => new(
        this,
        JsonBuilding.Variant(
            "create_canvas",
            new JsonObject()
                .With("w", w)
                .With("h", h)
                .With("color", color.ToJsonNode())
                .With("format", format.Wire())),
        null,
        null);
}
