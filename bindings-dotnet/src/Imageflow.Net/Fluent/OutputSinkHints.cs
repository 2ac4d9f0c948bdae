namespace Imageflow.Fluent;

/// <summary>What a destination may know before the first write.</summary>
/// <param name="ExpectedSize">Bytes that will come.</param>
/// <param name="MultipleWritesExpected">Whether they come in several writes.</param>
/// <param name="Asynchronous">Whether the writes are asynchronous.</param>
public record OutputSinkHints(long? ExpectedSize, bool? MultipleWritesExpected, bool? Asynchronous);
