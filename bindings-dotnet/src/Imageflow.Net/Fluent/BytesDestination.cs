namespace Imageflow.Fluent;

/// <summary>Collects an encoded image in an array, which stays readable after the job is disposed.</summary>
public class BytesDestination : IOutputDestination, IMemoryDestination
{
    private byte[] _bytes = [];
    private int _length;

    /// <summary>Writes to memory never wait.</summary>
    public bool PreferSynchronousWrites => true;

    /// <summary>What was written, without copying.</summary>
    public ArraySegment<byte> GetBytes() => new(_bytes, 0, _length);

    /// <summary>Makes room for <paramref name="bytes"/> in total.</summary>
    public void RequestCapacity(int bytes)
    {
        if (bytes > _bytes.Length)
        {
            Array.Resize(ref _bytes, bytes);
        }
    }

    /// <inheritdoc/>
    public Task RequestCapacityAsync(int bytes)
    {
        RequestCapacity(bytes);
        return Task.CompletedTask;
    }

    /// <summary>Makes room for <paramref name="bytes"/> in total.</summary>
    public ValueTask FastRequestCapacityAsync(int bytes)
    {
        RequestCapacity(bytes);
        return default;
    }

    /// <summary>Makes room by what is expected.</summary>
    public void SetHints(OutputSinkHints hints)
    {
        if (hints.ExpectedSize is { } size)
        {
            RequestCapacity(checked((int)size));
        }
    }

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        var needed = checked(_length + data.Length);
        if (needed > _bytes.Length)
        {
            // Doubling keeps many small writes linear; the first write gets exactly what it needs.
            RequestCapacity(_length == 0 ? needed : Math.Max(needed, (int)Math.Min(0x7fffffc7, 2L * _bytes.Length)));
        }

        data.CopyTo(_bytes.AsSpan(_length));
        _length = needed;
    }

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlyMemory<byte> data) => Write(data.Span);

    /// <inheritdoc/>
    public Task WriteAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(bytes.AsSpan());
        return Task.CompletedTask;
    }

    /// <summary>Appends bytes.</summary>
    public ValueTask FastWriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(data.Span);
        return default;
    }

    /// <summary>Does nothing: the bytes are there.</summary>
    public void Flush()
    {
    }

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Does nothing: the bytes are there.</summary>
    public ValueTask FastFlushAsync(CancellationToken cancellationToken) => default;

    /// <summary>Does nothing: the bytes are there.</summary>
    public void Finished()
    {
    }

    /// <summary>Does nothing: the bytes are there.</summary>
    public ValueTask FinishedAsync(CancellationToken cancellationToken) => default;

    /// <summary>Does nothing: results are read after their job is disposed.</summary>
    public void Dispose()
    {
    }

    ValueTask IMemoryDestination.WriteAllAsync(ReadOnlyMemory<byte> output, CancellationToken cancellationToken) =>
        FastWriteAsync(output, cancellationToken);
}
