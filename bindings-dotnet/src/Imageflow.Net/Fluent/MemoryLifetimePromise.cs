namespace Imageflow.Fluent;

/// <summary>Who keeps memory valid until the job is disposed.</summary>
public enum MemoryLifetimePromise : byte
{
    /// <summary>The caller, until after the job is disposed.</summary>
    MemoryValidUntilAfterJobDisposed = 0,

    /// <summary>The source, which disposes the owner of the memory when it is disposed itself.</summary>
    MemoryOwnerDisposedByMemorySource = 1,

    /// <summary>The garbage collector.</summary>
    MemoryIsOwnedByRuntime = 2,
}
