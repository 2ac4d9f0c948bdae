using System.Buffers;

namespace Imageflow.Fluent;

/// <summary>An image file in memory. The bytes are not copied, so they must not change while a job uses them.</summary>
public sealed class MemorySource : IAsyncMemorySource, IMemorySource
{
    private readonly ReadOnlyMemory<byte> _memory;
    private IMemoryOwner<byte>? _owner;
    private bool _disposed;

    /// <summary>The bytes of <paramref name="bytes"/>.</summary>
    public MemorySource(byte[] bytes)
        : this(bytes ?? throw new ArgumentNullException(nameof(bytes)), null)
    {
    }

    private MemorySource(ReadOnlyMemory<byte> memory, IMemoryOwner<byte>? owner)
    {
        _memory = memory;
        _owner = owner;
    }

    /// <inheritdoc/>
    public bool AsyncPreferred => false;

    /// <summary>
    /// The memory of <paramref name="ownedMemory"/>, which is disposed together with the source whatever the promise.
    /// </summary>
    public static IAsyncMemorySource TakeOwnership(IMemoryOwner<byte> ownedMemory, MemoryLifetimePromise promise) =>
        new MemorySource((ownedMemory ?? throw new ArgumentNullException(nameof(ownedMemory))).Memory, ownedMemory);

    /// <summary>Memory that someone else keeps valid, as promised.</summary>
    public static IAsyncMemorySource Borrow(ReadOnlyMemory<byte> borrowedMemory, MemoryLifetimePromise promise) =>
        promise == MemoryLifetimePromise.MemoryOwnerDisposedByMemorySource
            ? throw new ArgumentException(
                "MemoryOwnerDisposedByMemorySource is a promise about owned memory: call TakeOwnership.",
                nameof(promise))
            : new MemorySource(borrowedMemory, null);

    /// <summary>An array, promised not to change until the job is disposed.</summary>
    public static IAsyncMemorySource Borrow(byte[] borrowedMemory, MemoryLifetimePromise promise) =>
        Borrow(
            new ReadOnlyMemory<byte>(borrowedMemory ?? throw new ArgumentNullException(nameof(borrowedMemory))),
            promise);

    /// <summary>An array, promised not to change until the job is disposed.</summary>
    public static IAsyncMemorySource Borrow(byte[] borrowedMemory) =>
        Borrow(borrowedMemory, MemoryLifetimePromise.MemoryIsOwnedByRuntime);

    /// <summary>A part of an array, promised not to change until the job is disposed.</summary>
    public static IAsyncMemorySource Borrow(ArraySegment<byte> borrowedMemory, MemoryLifetimePromise promise) =>
        Borrow((ReadOnlyMemory<byte>)borrowedMemory, promise);

    /// <summary>A part of an array, promised not to change until the job is disposed.</summary>
    public static IAsyncMemorySource Borrow(
        byte[] borrowedMemory, int offset, int length, MemoryLifetimePromise promise) =>
        Borrow(new ReadOnlyMemory<byte>(borrowedMemory, offset, length), promise);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> BorrowReadOnlyMemory() =>
        _disposed ? throw new ObjectDisposedException(nameof(MemorySource)) : _memory;

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> BorrowReadOnlyMemoryAsync(CancellationToken cancellationToken) =>
        new(BorrowReadOnlyMemory());

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _owner?.Dispose();
        _owner = null;
    }
}
