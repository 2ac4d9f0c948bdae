using System.Buffers;
using System.Runtime.InteropServices;

namespace Imageflow.Bindings;

/// <summary>
/// Owns a native context together with the input memory it borrows, so that memory is released after the context is
/// destroyed, whether by Dispose or by the garbage collector.
/// </summary>
internal sealed class ContextHandle : SafeHandle
{
    private readonly NativeApi _api;
    private readonly List<MemoryHandle> _pins = [];

    internal ContextHandle(NativeApi api)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        _api = api;
        SetHandle(api.CreateContext());
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>Keeps <paramref name="pin"/> until the context is destroyed.</summary>
    internal void Keep(MemoryHandle pin)
    {
        lock (_pins)
        {
            _pins.Add(pin);
        }
    }

    /// <summary>Keeps the context alive during a native call, even when it is disposed meanwhile.</summary>
    internal Lease Borrow() => new(this);

    /// <summary>Callable from any thread; a disposed context has nothing left to cancel.</summary>
    internal unsafe void RequestCancellation()
    {
        if (IsClosed)
        {
            return;
        }

        using var lease = Borrow();
        _api.RequestCancellation(lease.Context);
    }

    protected override unsafe bool ReleaseHandle()
    {
        _api.ContextDestroy(handle);
        foreach (var pin in _pins)
        {
            pin.Dispose();
        }

        return true;
    }

    internal readonly ref struct Lease
    {
        private readonly ContextHandle _owner;

        internal Lease(ContextHandle owner)
        {
            var added = false;
            owner.DangerousAddRef(ref added); // throws ObjectDisposedException once disposed
            _owner = owner;
        }

        internal IntPtr Context => _owner.handle;

        public void Dispose() => _owner.DangerousRelease();
    }
}
