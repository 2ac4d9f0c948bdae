namespace Imageflow.Fluent;

/// <summary>How a <see cref="FileDestination"/> writes.</summary>
/// <param name="Atomic">Write beside the file and rename when complete: readers never see a half-written one.</param>
/// <param name="ShareReadAccess">Let others read the file while it is written.</param>
/// <param name="PreferRandomAccessApi">Write at offsets; kept for compatibility, all writes are sequential.</param>
public sealed record FileDestinationOptions(bool Atomic, bool ShareReadAccess, bool PreferRandomAccessApi);
