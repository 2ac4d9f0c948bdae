namespace Imageflow.Fluent;

/// <summary>Who disposes a source.</summary>
public enum SourceLifetime
{
    /// <summary>The method it is given to, when done.</summary>
    NowOwnedAndDisposedByTask,

    /// <summary>The method or job it is given to.</summary>
    TransferOwnership,

    /// <summary>The caller.</summary>
    Borrowed,
}
