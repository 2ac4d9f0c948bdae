namespace Imageflow.Fluent;

#pragma warning disable CS0618 // adapts the obsolete kind of source
/// <summary>Makes an IBytesSource a source of memory.</summary>
public sealed class BytesSourceAdapter : IAsyncMemorySource, IMemorySource
{
    private readonly IBytesSource _source;

    /// <summary>Adapts <paramref name="source"/>, which is disposed with the adapter.</summary>
    public BytesSourceAdapter(IBytesSource source)
    {
        _source = source ?? throw new ArgumentNullException(nameof(source));
    }

    /// <inheritdoc/>
    public bool AsyncPreferred => _source is not BytesSource;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> BorrowReadOnlyMemory() =>
        _source.GetBytesAsync(CancellationToken.None).ConfigureAwait(false).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> BorrowReadOnlyMemoryAsync(CancellationToken cancellationToken) =>
        await _source.GetBytesAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}

/// <summary>Converts the obsolete kind of source.</summary>
public static class BytesSourceExtensions
{
    /// <summary>Makes an IBytesSource a source of memory.</summary>
    public static IAsyncMemorySource ToMemorySource(this IBytesSource source) => new BytesSourceAdapter(source);
}
#pragma warning restore CS0618
