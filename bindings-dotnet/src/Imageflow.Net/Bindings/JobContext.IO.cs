using System.Buffers;
using Imageflow.Fluent;

namespace Imageflow.Bindings;

/// <content>Inputs and outputs.</content>
public sealed partial class JobContext
{
    private enum Lifetime
    {
        OutlivesFunctionCall = 0,
        OutlivesContext = 1,
    }

    /// <summary>Adds a copy of <paramref name="buffer"/> as input.</summary>
    public void AddInputBytes(int ioId, byte[] buffer) =>
        AddInputBytes(ioId, new ReadOnlySpan<byte>(Required(buffer)));

    /// <summary>Adds a copy of <paramref name="buffer"/> as input.</summary>
    public void AddInputBytes(int ioId, ArraySegment<byte> buffer) =>
        AddInputBytes(ioId, new ReadOnlySpan<byte>(Required(buffer.Array), buffer.Offset, buffer.Count));

    /// <summary>Adds a copy of a part of <paramref name="buffer"/> as input.</summary>
    public void AddInputBytes(int ioId, byte[] buffer, long offset, long count) =>
        AddInputBytes(ioId, Part(buffer, offset, count).Span);

    /// <summary>Adds a copy of <paramref name="data"/> as input.</summary>
    public unsafe void AddInputBytes(int ioId, ReadOnlySpan<byte> data)
    {
        Claim(ioId);
        fixed (byte* start = data)
        {
            AddInput(ioId, start, data.Length, Lifetime.OutlivesFunctionCall);
        }
    }

    /// <summary>Adds <paramref name="buffer"/> as input without copying; do not change it before Dispose.</summary>
    public void AddInputBytesPinned(int ioId, byte[] buffer) =>
        AddInputBytesPinned(ioId, Required(buffer), MemoryLifetimePromise.MemoryIsOwnedByRuntime);

    /// <summary>Adds <paramref name="buffer"/> as input without copying; do not change it before Dispose.</summary>
    public void AddInputBytesPinned(int ioId, ArraySegment<byte> buffer) => AddInputBytesPinned(
        ioId,
        new ReadOnlyMemory<byte>(Required(buffer.Array), buffer.Offset, buffer.Count),
        MemoryLifetimePromise.MemoryIsOwnedByRuntime);

    /// <summary>Adds a part of <paramref name="buffer"/> as input without copying; do not change it before Dispose.</summary>
    public void AddInputBytesPinned(int ioId, byte[] buffer, long offset, long count) =>
        AddInputBytesPinned(ioId, Part(buffer, offset, count), MemoryLifetimePromise.MemoryIsOwnedByRuntime);

    /// <summary>
    /// Adds <paramref name="data"/> as input without copying: it is pinned until the job is destroyed.
    /// </summary>
    /// <param name="ioId">An id no other input or output of this job has.</param>
    /// <param name="data">The bytes of an image file; they must not change before Dispose.</param>
    /// <param name="callerPromise">Who keeps the memory valid until then.</param>
    public unsafe void AddInputBytesPinned(int ioId, ReadOnlyMemory<byte> data, MemoryLifetimePromise callerPromise)
    {
        if (callerPromise > MemoryLifetimePromise.MemoryIsOwnedByRuntime)
        {
            throw new ArgumentOutOfRangeException(
                nameof(callerPromise), callerPromise, "Not a value of MemoryLifetimePromise.");
        }

        Claim(ioId);
        var pin = data.Pin();
        _handle.Keep(pin);
        AddInput(ioId, (byte*)pin.Pointer, data.Length, Lifetime.OutlivesContext);
    }

    /// <summary>Adds an output in memory.</summary>
    public unsafe void AddOutputBuffer(int ioId)
    {
        Claim(ioId);
        using var lease = _handle.Borrow();
        if (_api.AddOutputBuffer(lease.Context, ioId) == 0)
        {
            throw ImageflowException.FromContext(_api, lease.Context);
        }
    }

    /// <summary>
    /// Moves the bytes of an output out of the job. With a library of ABI 3.1, which cannot give them away, they are
    /// copied.
    /// </summary>
    internal unsafe IMemoryOwner<byte> TakeOutput(int ioId)
    {
        using var lease = _handle.Borrow();
        byte* bytes;
        nuint length;
        if (_api.TakeOutputBuffer == null)
        {
            return new CopiedOutput(ReadOutput(lease, ioId, out var size), size);
        }

        if (_api.TakeOutputBuffer(lease.Context, ioId, &bytes, &length) == 0)
        {
            throw ImageflowException.FromContext(_api, lease.Context);
        }

        return new OutputBuffer(_api, bytes, length);
    }

    private unsafe byte* ReadOutput(ContextHandle.Lease lease, int ioId, out long size)
    {
        byte* bytes;
        nuint length;
        if (_api.GetOutputBuffer(lease.Context, ioId, &bytes, &length) == 0)
        {
            throw ImageflowException.FromContext(_api, lease.Context);
        }

        size = checked((long)length);
        return bytes;
    }

    private unsafe void AddInput(int ioId, byte* start, int length, Lifetime lifetime)
    {
        byte none = 0; // empty memory has no address; the engine should say that it is no image, not that it is null
        if (start == null)
        {
            start = &none;
            lifetime = Lifetime.OutlivesFunctionCall;
        }

        using var lease = _handle.Borrow();
        if (_api.AddInputBuffer(lease.Context, ioId, start, (nuint)length, (int)lifetime) == 0)
        {
            throw ImageflowException.FromContext(_api, lease.Context);
        }
    }

    private static byte[] Required(byte[]? buffer) => buffer ?? throw new ArgumentNullException(nameof(buffer));

    private static ReadOnlyMemory<byte> Part(byte[] buffer, long offset, long count)
    {
        Required(buffer);
        if (offset < 0 || offset > buffer.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"Must be within 0…{buffer.Length}.");
        }

        if (count < 0 || count > buffer.Length - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Must be within 0…{buffer.Length - offset}.");
        }

        return new ReadOnlyMemory<byte>(buffer, (int)offset, (int)count);
    }

    private sealed unsafe class CopiedOutput(byte* bytes, long size) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = new ReadOnlySpan<byte>(bytes, checked((int)size)).ToArray();

        public void Dispose()
        {
            // A managed array needs nothing.
        }
    }
}
