using System.Diagnostics;
using Imageflow.Bindings;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class CancellationTests
{
    /// <summary>Takes seconds when left alone.</summary>
    private static BuildEndpoint LongJob(ImageJob job) => job
        .CreateCanvasBgra32(6000, 6000, AnyColor.FromHexSrgb("ff880040"))
        .Distort(5999, 5990, new ResampleHints().SetSharpenPercent(10))
        .Distort(6000, 6000)
        .EncodeToBytes(new WebPLossyEncoder(90));

    [Fact]
    public async Task Cancelling_a_running_job_gives_OperationCanceledException_at_once()
    {
        var latencies = new List<double>();
        foreach (var delay in new[] { 40, 150, 400 })
        {
            using var job = new ImageJob();
            using var source = new CancellationTokenSource();
            var task = LongJob(job).Finish().SetCancellationToken(source.Token).InProcessAsync();
            await Task.Delay(delay);
            Assert.False(task.IsCompleted, $"The job ended within {delay} ms: {task.Exception}");
            var clock = Stopwatch.StartNew();
            source.Cancel();
            var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
            latencies.Add(clock.Elapsed.TotalMilliseconds);
            Assert.True(task.IsCanceled);
            Assert.Equal(source.Token, error.CancellationToken);
            Assert.Contains("ancel", error.Message);
            Assert.Equal(21, Assert.IsType<ImageflowException>(error.InnerException).ErrorCode);
        }

        Console.WriteLine($"       cancelled within {string.Join(", ", latencies.Select(ms => $"{ms:0.0}"))} ms");
        Assert.InRange(latencies.Max(), 0.0, 100.0);
    }

    [Fact]
    public async Task A_cancelled_token_stops_the_job_before_it_starts()
    {
        using var job = new ImageJob();
        using var source = new CancellationTokenSource();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            LongJob(job).Finish().SetCancellationToken(source.Token).InProcessAsync());
    }

    [Fact]
    public async Task A_timeout_counts_from_the_start_of_the_job()
    {
        using var job = new ImageJob();
        var finish = LongJob(job).Finish().SetCancellationTimeout(200);
        await Task.Delay(250);
        var clock = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finish.InProcessAsync());
        Assert.InRange(clock.ElapsedMilliseconds, 150, 600);
    }

    [Fact]
    public async Task A_context_is_cancelled_from_another_thread()
    {
        using var context = new JobContext();
        using var source = new CancellationTokenSource(60);
        using var job = new ImageJob();
        LongJob(job);
        context.AddOutputBuffer(0);
        var message = JobMessage.Execute(job, null).ToArray();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Task.Run(() => context.Invoke("v1/execute", message, source.Token)));
    }

    [Fact]
    public async Task The_thread_of_the_caller_stays_free()
    {
        using var job = new ImageJob();
        using var source = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var task = LongJob(job).Finish().SetCancellationToken(source.Token).InProcessAsync();
        Assert.InRange(clock.ElapsedMilliseconds, 0, 100);
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }
}
