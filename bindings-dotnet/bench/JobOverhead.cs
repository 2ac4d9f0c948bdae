// What a job costs above the C ABI: a 64×64 PNG decoded and encoded as PNG, through ImageJob and by bare calls.
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Imageflow.Fluent;

const int Warm = 3000;
const int Rounds = 15;
const int PerRound = 500;

byte[] png;
using (var source = new ImageJob())
{
    var made = await source.CreateCanvasBgra32(64, 64, AnyColor.FromHexSrgb("#3060a0"))
        .FillRectangle(4, 4, 40, 40, AnyColor.FromHexSrgb("#f80"))
        .EncodeToBytes(new LodePngEncoder()).Finish().InProcessAsync();
    png = made.First!.TryGetBytes()!.Value.ToArray();
}

var message = Encoding.UTF8.GetBytes(
    """{"framewise":{"graph":{"nodes":{"0":{"decode":{"io_id":0}},"1":{"encode":{"io_id":1,"preset":{"lodepng":{}}}}},"""
    + """ "edges":[{"from":0,"to":1,"kind":"input"}]}},"security":null}""");
var abi = new BareAbi();
for (var i = 0; i < Warm; i++)
{
    await Package();
    abi.Run(png, message);
}

// Alternating rounds see the same machine; the median round ignores what else it was doing.
var (package, bare) = (new List<double>(), new List<double>());
for (var round = 0; round < Rounds; round++)
{
    var clock = Stopwatch.StartNew();
    for (var i = 0; i < PerRound; i++)
    {
        await Package();
    }

    package.Add(clock.Elapsed.TotalMilliseconds / PerRound);
    clock.Restart();
    for (var i = 0; i < PerRound; i++)
    {
        abi.Run(png, message);
    }

    bare.Add(clock.Elapsed.TotalMilliseconds / PerRound);
}

package.Sort();
bare.Sort();
Console.WriteLine($"ImageJob {package[Rounds / 2]:0.0000} ms, C ABI {bare[Rounds / 2]:0.0000} ms, "
    + $"overhead {package[Rounds / 2] - bare[Rounds / 2]:0.0000} ms per job");

async Task Package()
{
    using var job = new ImageJob();
    var result = await job.Decode(png).EncodeToBytes(new LodePngEncoder()).Finish().InProcessAsync();
    if (result.First!.TryGetBytes()!.Value.Count == 0)
    {
        throw new InvalidOperationException("An empty image.");
    }
}

/// <summary>The calls a C program would make.</summary>
internal sealed unsafe class BareAbi
{
    private readonly delegate* unmanaged[Cdecl]<uint, uint, IntPtr> _create;
    private readonly delegate* unmanaged[Cdecl]<IntPtr, void> _destroy;
    private readonly delegate* unmanaged[Cdecl]<IntPtr, int, byte*, nuint, int, byte> _addInput;
    private readonly delegate* unmanaged[Cdecl]<IntPtr, int, byte> _addOutput;
    private readonly delegate* unmanaged[Cdecl]<IntPtr, byte*, byte*, nuint, IntPtr> _send;
    private readonly delegate* unmanaged[Cdecl]<IntPtr, int, byte**, nuint*, byte> _get;

    internal BareAbi()
    {
        var path = Environment.GetEnvironmentVariable("IMAGEFLOW_LIBRARY_PATH")
            ?? throw new InvalidOperationException("Set IMAGEFLOW_LIBRARY_PATH to the library's file.");
        var library = NativeLibrary.Load(path);
        IntPtr Symbol(string name) => NativeLibrary.GetExport(library, "imageflow_context_" + name);
        _create = (delegate* unmanaged[Cdecl]<uint, uint, IntPtr>)Symbol("create");
        _destroy = (delegate* unmanaged[Cdecl]<IntPtr, void>)Symbol("destroy");
        _addInput = (delegate* unmanaged[Cdecl]<IntPtr, int, byte*, nuint, int, byte>)Symbol("add_input_buffer");
        _addOutput = (delegate* unmanaged[Cdecl]<IntPtr, int, byte>)Symbol("add_output_buffer");
        _send = (delegate* unmanaged[Cdecl]<IntPtr, byte*, byte*, nuint, IntPtr>)Symbol("send_json");
        _get = (delegate* unmanaged[Cdecl]<IntPtr, int, byte**, nuint*, byte>)Symbol("get_output_buffer_by_id");
    }

    internal void Run(byte[] png, byte[] message)
    {
        byte* output;
        nuint length;
        fixed (byte* input = png, json = message, method = "v1/execute\0"u8)
        {
            var context = _create(3, 2);
            _addInput(context, 0, input, (nuint)png.Length, 1);
            _addOutput(context, 1);
            _send(context, method, json, (nuint)message.Length);
            if (_get(context, 1, &output, &length) == 0 || length == 0)
            {
                throw new InvalidOperationException("The job failed.");
            }

            _destroy(context);
        }
    }
}
