// An application of its own process, for tests that choose which native library is loaded.
using Imageflow.Bindings;
using Imageflow.Fluent;

switch (args)
{
    // Makes a picture, then a thumbnail of it, and prints what came out.
    case ["thumbnail"]:
    {
        using var source = new ImageJob();
        var picture = await source.CreateCanvasBgr32(64, 48, AnyColor.FromHexSrgb("#3060a0"))
            .EncodeToBytes(new LodePngEncoder()).Finish().InProcessAsync();
        using var job = new ImageJob();
        var result = await job.Decode(picture.First!.TryGetBytes()!.Value.ToArray()).ConstrainWithin(32, null)
            .EncodeToBytes(new WebPLossyEncoder(80)).Finish().InProcessAsync();
        Console.WriteLine($"{result.First!.Width}x{result.First.Height} {result.First.PreferredMimeType}");
        foreach (var line in File.ReadLines("/proc/self/maps").Where(line => line.Contains("imageflow.so")).Take(1))
        {
            Console.WriteLine(line[line.IndexOf('/')..]);
        }

        return 0;
    }

    // Runs one job on a pinned input and prints where the input is, and what the (stub) library wrote.
    case ["pinned"]:
    {
        var input = GC.AllocateUninitializedArray<byte>(1000, pinned: true);
        input.AsSpan().Fill(7);
        using (var job = new ImageJob())
        {
            var result = await job.Decode(input).EncodeToBytes(new GifEncoder()).Finish().InProcessAsync();
            Console.WriteLine($"output {System.Text.Encoding.ASCII.GetString(result.First!.TryGetBytes()!.Value)}");
        }

        unsafe
        {
            fixed (byte* start = input)
            {
                Console.WriteLine($"input {(long)start:x}");
            }
        }

        return 0;
    }

    // Drops a context without disposing it: the collector must destroy it, after the last use of its input.
    case ["dropped"]:
    {
        Drop();
        for (var i = 0; i < 10; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return 0;

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Drop()
        {
            var context = new JobContext();
            var input = new byte[1000];
            input.AsSpan().Fill(7);
            context.AddInputBytesPinned(0, input);
        }
    }

    default:
        Console.Error.WriteLine("thumbnail, pinned or dropped?");
        return 2;
}
