using Imageflow.Fluent;

namespace Imageflow.Net.Test;

/// <summary>Small pictures made by the engine itself.</summary>
internal static class Samples
{
    internal static byte[] Png(uint w = 64, uint h = 48) => Encoded(w, h, new LodePngEncoder());

    internal static byte[] Jpeg(uint w = 64, uint h = 48) => Encoded(w, h, new MozJpegEncoder(90, true));

    internal static byte[] Gif(uint w = 64, uint h = 48) => Encoded(w, h, new GifEncoder());

    internal static byte[] WebP(uint w = 64, uint h = 48) => Encoded(w, h, new WebPLosslessEncoder());

    internal static byte[] ByFormat(string format) => format switch
    {
        "jpg" => Jpeg(),
        "png" => Png(),
        "gif" => Gif(),
        "webp" => WebP(),
        _ => throw new ArgumentException($"No sample of {format}.", nameof(format)),
    };

    internal static IEncoderPreset Preset(string format) => format switch
    {
        "jpg" => new MozJpegEncoder(85, true),
        "png" => new LodePngEncoder(),
        "png8" => new PngQuantEncoder(90, 20),
        "gif" => new GifEncoder(),
        "webp" => new WebPLossyEncoder(80),
        "webpll" => new WebPLosslessEncoder(),
        _ => throw new ArgumentException($"No preset for {format}.", nameof(format)),
    };

    internal static async Task<BuildEncodeResult> Run(BuildEndpoint endpoint) =>
        (await endpoint.Finish().InProcessAsync()).First!;

    internal static byte[] Bytes(this BuildEncodeResult result) => result.TryGetBytes()!.Value.ToArray();

    private static byte[] Encoded(uint w, uint h, IEncoderPreset preset)
    {
        using var job = new ImageJob();
        return job.CreateCanvasBgra32(w, h, AnyColor.FromHexSrgb("3060a0"))
            .FillRectangle(1, 1, (int)w / 2, (int)h / 2, AnyColor.FromHexSrgb("#f80"))
            .EncodeToBytes(preset)
            .Finish()
            .InProcessAsync()
            .GetAwaiter()
            .GetResult()
            .First!
            .Bytes();
    }
}
