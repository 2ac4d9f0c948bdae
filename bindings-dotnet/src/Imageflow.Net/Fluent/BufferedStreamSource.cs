namespace Imageflow.Fluent;

/// <summary>An image file from a stream, read to its end when the job runs.</summary>
public sealed class BufferedStreamSource : IAsyncMemorySource, IMemorySource
{
    private readonly bool _fromStart;
    private readonly bool _disposeStream;
    private Stream? _stream;
    private ReadOnlyMemory<byte>? _bytes;

    private BufferedStreamSource(Stream stream, bool fromStart, bool disposeStream)
    {
        _stream = stream ?? throw new ArgumentNullException(nameof(stream));
        _fromStart = fromStart;
        _disposeStream = disposeStream;
        if (fromStart && !stream.CanSeek)
        {
            throw new ArgumentException(
                "The entire stream can only be had of a seekable one; use the StreamRemainder methods.",
                nameof(stream));
        }
    }

    /// <inheritdoc/>
    public bool AsyncPreferred => _stream is not MemoryStream;

    /// <summary>The stream from its start; the caller disposes it after the job.</summary>
    public static IAsyncMemorySource BorrowEntireStream(Stream stream) =>
        new BufferedStreamSource(stream, fromStart: true, disposeStream: false);

    /// <summary>The stream from its position; the caller disposes it after the job.</summary>
    public static IAsyncMemorySource BorrowStreamRemainder(Stream stream) =>
        new BufferedStreamSource(stream, fromStart: false, disposeStream: false);

    /// <summary>The stream from its start; disposed with the source.</summary>
    public static IAsyncMemorySource UseEntireStreamAndDisposeWithSource(Stream stream) =>
        new BufferedStreamSource(stream, fromStart: true, disposeStream: true);

    /// <summary>The stream from its position; disposed with the source.</summary>
    public static IAsyncMemorySource UseStreamRemainderAndDisposeWithSource(Stream stream) =>
        new BufferedStreamSource(stream, fromStart: false, disposeStream: true);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> BorrowReadOnlyMemory()
    {
        var stream = Ready();
        if (_bytes == null)
        {
            using var buffer = NewBuffer(stream);
            stream.CopyTo(buffer);
            _bytes = Content(buffer);
        }

        return _bytes.Value;
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> BorrowReadOnlyMemoryAsync(CancellationToken cancellationToken)
    {
        var stream = Ready();
        if (_bytes == null)
        {
            using var buffer = NewBuffer(stream);
            await stream.CopyToAsync(buffer, 81920, cancellationToken).ConfigureAwait(false);
            _bytes = Content(buffer);
        }

        return _bytes.Value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposeStream)
        {
            _stream?.Dispose();
        }

        _stream = null;
        _bytes = null;
    }

    /// <summary>The stream at the place to read from; a MemoryStream that shows its array is not copied.</summary>
    private Stream Ready()
    {
        var stream = _stream ?? throw new ObjectDisposedException(nameof(BufferedStreamSource));
        if (_bytes != null)
        {
            return stream;
        }

        if (_fromStart)
        {
            stream.Seek(0, SeekOrigin.Begin);
        }

        if (stream is MemoryStream memory && memory.TryGetBuffer(out var segment))
        {
            var start = (int)Math.Min(memory.Position, memory.Length);
            memory.Position = memory.Length;
            _bytes = new ReadOnlyMemory<byte>(segment.Array, segment.Offset + start, segment.Count - start);
        }

        return stream;
    }

    private static MemoryStream NewBuffer(Stream stream)
    {
        if (!stream.CanSeek)
        {
            return new MemoryStream();
        }

        var length = Math.Max(0, stream.Length - stream.Position);
        return length <= int.MaxValue
            ? new MemoryStream((int)length)
            : throw new OverflowException($"The stream has {length} bytes left; an input may have up to 2 GiB.");
    }

    private static ReadOnlyMemory<byte> Content(MemoryStream buffer) =>
        new(buffer.GetBuffer(), 0, (int)buffer.Length);
}
