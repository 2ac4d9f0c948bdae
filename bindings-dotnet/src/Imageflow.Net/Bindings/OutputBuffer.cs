using System.Buffers;

namespace Imageflow.Bindings;

/// <summary>The bytes of a finished output, still in the memory the engine wrote them to.</summary>
internal sealed unsafe class OutputBuffer : MemoryManager<byte>
{
    private readonly NativeApi _api;
    private readonly nuint _size;
    private readonly int _length;
    private byte* _bytes;

    /// <summary>Takes over memory from <c>imageflow_context_take_output_buffer</c>.</summary>
    internal OutputBuffer(NativeApi api, byte* bytes, nuint length)
    {
        _api = api;
        _bytes = bytes;
        _size = length;
        _length = checked((int)length); // .NET arrays and spans end at 2 GiB
    }

    ~OutputBuffer() => Dispose(disposing: false);

    public override Span<byte> GetSpan() => new(Checked(), _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(Checked() + elementIndex, default, this);

    public override void Unpin()
    {
        // Native memory does not move.
    }

    protected override void Dispose(bool disposing)
    {
        if (_bytes != null)
        {
            _api.BufferFree(_bytes, _size);
            _bytes = null;
            GC.SuppressFinalize(this);
        }
    }

    private byte* Checked() => _bytes != null ? _bytes : throw new ObjectDisposedException(nameof(OutputBuffer));
}
