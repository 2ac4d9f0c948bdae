using System.Collections.Concurrent;
using System.Diagnostics;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class LoadTests
{
    private const int Jobs = 10_000;
    private const int WarmUp = 2_000;
    private const int Every = 500;

    /// <summary>
    /// The managed heap may grow as it likes while what lives on it does not; the rest of the process is flat. The tests run
    /// without tiered compilation, whose second tier comes after any number of jobs.
    /// </summary>
    [Fact]
    public async Task Memory_stays_flat_over_ten_thousand_jobs_while_the_collector_compacts()
    {
        var png = Samples.Png();
        using var stop = new CancellationTokenSource();
        var collections = 0;
        var collector = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
                collections++;
                await Task.Delay(5);
            }
        });
        var (native, managed) = (new List<(double Jobs, double KiB)>(), new List<(double Jobs, double KiB)>());
        for (var i = 1; i <= WarmUp + Jobs; i++)
        {
            using (var job = new ImageJob())
            {
                // Fresh arrays, so that the collector has something to move.
                var result = await Samples.Run(job.Decode((byte[])png.Clone()).ConstrainWithin(32, null)
                    .EncodeToBytes(new LodePngEncoder()));
                Assert.Equal(32, result.Width);
            }

            if (i >= WarmUp && i % Every == 0)
            {
                native.Add((i, ResidentKiB() - GC.GetGCMemoryInfo().TotalCommittedBytes / 1024.0));
                managed.Add((i, GC.GetTotalMemory(forceFullCollection: true) / 1024.0));
            }
        }

        stop.Cancel();
        await collector;
        var (nativeSlope, managedSlope) = (Slope(native) * 1000, Slope(managed) * 1000);
        Console.WriteLine(
            $"       {Jobs} jobs, {collections} compacting collections: {native[0].KiB / 1024:0.0} MiB after {WarmUp}, "
            + $"{native[^1].KiB / 1024:0.0} MiB at the end, slope {nativeSlope:0.0} KiB per 1000 jobs; "
            + $"managed objects: {managed[^1].KiB:0} KiB, slope {managedSlope:0.0} KiB per 1000 jobs");
        Assert.True(nativeSlope < 96, $"Memory grows by {nativeSlope:0.0} KiB per 1000 jobs.");
        Assert.True(managedSlope < 32, $"Managed objects grow by {managedSlope:0.0} KiB per 1000 jobs.");
    }

    [Fact]
    public async Task Failed_and_cancelled_jobs_leak_nothing()
    {
        var broken = Samples.Png()[..60];
        var samples = new List<(double Jobs, double KiB)>();
        for (var i = 1; i <= 4000; i++)
        {
            using var job = new ImageJob();
            var finish = job.Decode(broken).EncodeToBytes(new GifEncoder()).Finish();
            await Assert.ThrowsAnyAsync<Exception>(() => finish.SetCancellationTimeout(i % 2 == 0 ? 0 : 1000)
                .InProcessAsync());
            if (i >= 1000 && i % 250 == 0)
            {
                GC.Collect();
                samples.Add((i, ResidentKiB()));
            }
        }

        var slope = Slope(samples) * 1000;
        Console.WriteLine($"       4000 failing jobs: slope {slope:0.0} KiB per 1000 jobs");
        Assert.True(slope < 1024, $"Memory grows by {slope:0.0} KiB per 1000 jobs.");
    }

    [Fact]
    public async Task Thirty_two_jobs_at_once_give_what_one_gives()
    {
        var jpeg = Samples.Jpeg(400, 300);
        async Task<byte[]> Thumbnail()
        {
            using var job = new ImageJob();
            return (await Samples.Run(job.Decode(jpeg).ConstrainWithin(100, null).EncodeToBytes(new WebPLossyEncoder(80))))
                .Bytes();
        }

        var expected = await Thumbnail();
        var results = new ConcurrentBag<byte[]>();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                results.Add(await Thumbnail());
            }
        })));
        Console.WriteLine($"       32 × 10 jobs at once: {clock.ElapsedMilliseconds} ms");
        Assert.Equal(320, results.Count);
        Assert.True(results.All(expected.SequenceEqual));
    }

    private static double ResidentKiB()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1024.0;
    }

    /// <summary>Least squares.</summary>
    private static double Slope(List<(double X, double Y)> points)
    {
        var (meanX, meanY) = (points.Average(p => p.X), points.Average(p => p.Y));
        return points.Sum(p => (p.X - meanX) * (p.Y - meanY)) / points.Sum(p => (p.X - meanX) * (p.X - meanX));
    }
}
