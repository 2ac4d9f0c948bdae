using System.Drawing;
using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A node an image comes out of. Each method adds a node after this one and returns it.</summary>
public class BuildNode : BuildItemBase
{
    internal BuildNode(ImageJob builder, JsonNode nodeData, BuildNode? inputNode, BuildNode? canvasNode)
        : base(builder, nodeData, inputNode, canvasNode)
    {
    }

    /// <summary>Encodes to a destination.</summary>
    public BuildEndpoint Encode(IOutputDestination destination, IEncoderPreset encoderPreset) =>
        Encode(destination, Builder.GenerateIoId(), encoderPreset);

    /// <summary>Encodes to a destination, with an id of your choice.</summary>
    public BuildEndpoint Encode(IOutputDestination destination, int ioId, IEncoderPreset encoderPreset)
    {
        var preset = (encoderPreset ?? throw new ArgumentNullException(nameof(encoderPreset))).ToJsonNode();
        Builder.AddOutput(ioId, destination);
        return new BuildEndpoint(
            Builder, JsonBuilding.Variant("encode", new JsonObject().With("io_id", ioId).With("preset", preset)), this);
    }

    /// <summary>Encodes to an array: see <see cref="BuildEncodeResult.TryGetBytes"/>.</summary>
    public BuildEndpoint EncodeToBytes(IEncoderPreset encoderPreset) => Encode(new BytesDestination(), encoderPreset);

    /// <summary>Encodes to an array, with an id of your choice.</summary>
    [Obsolete("Use Encode(new BytesDestination(), ioId, encoderPreset).")]
    public BuildEndpoint EncodeToBytes(int ioId, IEncoderPreset encoderPreset) =>
        Encode(new BytesDestination(), ioId, encoderPreset);

    /// <summary>Encodes to a stream.</summary>
    public BuildEndpoint EncodeToStream(Stream stream, bool disposeStream, IEncoderPreset encoderPreset) =>
        Encode(new StreamDestination(stream, disposeStream), encoderPreset);

    /// <summary>Encodes to a stream, with an id of your choice.</summary>
    [Obsolete("Use Encode(new StreamDestination(stream, disposeStream), ioId, encoderPreset).")]
    public BuildEndpoint EncodeToStream(Stream stream, bool disposeStream, int ioId, IEncoderPreset encoderPreset) =>
        Encode(new StreamDestination(stream, disposeStream), ioId, encoderPreset);

    /// <summary>Encodes to a file.</summary>
    public BuildEndpoint EncodeToFile(string path, IEncoderPreset encoderPreset) =>
        Encode(new FileDestination(path), encoderPreset);

    /// <summary>Encodes to a file, with an id of your choice.</summary>
    public BuildEndpoint EncodeToFile(string path, int ioId, IEncoderPreset encoderPreset) =>
        Encode(new FileDestination(path), ioId, encoderPreset);

    /// <summary>Fits the image within a size; never enlarges it.</summary>
    public BuildNode ConstrainWithin(uint? w, uint? h) => To("constrain", Within(w, h));

    /// <summary>Fits the image within a size; never enlarges it.</summary>
    public BuildNode ConstrainWithin(uint? w, uint? h, ResampleHints? hints) =>
        To("constrain", Within(w, h).With("hints", hints?.ToJsonNode()));

    /// <summary>Brings the image to a size.</summary>
    public BuildNode Constrain(Constraint constraint) => To(
        "constrain", (constraint ?? throw new ArgumentNullException(nameof(constraint))).ToJsonNode());

    /// <summary>Scales to exactly this size; the aspect ratio may change.</summary>
    public BuildNode Distort(uint w, uint h) => Distort(w, h, null);

    /// <summary>Scales to exactly this size; the aspect ratio may change.</summary>
    public BuildNode Distort(uint w, uint h, ResampleHints? hints) => To(
        "resample_2d", new JsonObject().With("w", w).With("h", h).With("hints", hints?.ToJsonNode()));

    /// <summary>Keeps the rectangle from x1,y1 up to, not including, x2,y2.</summary>
    public BuildNode Crop(int x1, int y1, int x2, int y2) => To("crop", Corners(x1, y1, x2, y2));

    /// <summary>Like Crop, but may reach beyond the image, where the colour shows.</summary>
    public BuildNode Region(int x1, int y1, int x2, int y2, AnyColor backgroundColor) => To(
        "region", Corners(x1, y1, x2, y2).With("background_color", backgroundColor.ToJsonNode()));

    /// <summary>Like Region, in percent of the image.</summary>
    public BuildNode RegionPercent(float x1, float y1, float x2, float y2, AnyColor backgroundColor) => To(
        "region_percent",
        new JsonObject()
            .With("x1", x1)
            .With("y1", y1)
            .With("x2", x2)
            .With("y2", y2)
            .With("background_color", backgroundColor.ToJsonNode()));

    /// <summary>Crops edges of one colour.</summary>
    /// <param name="threshold">0 to 255: how much a pixel must differ to count; 80 is usual.</param>
    /// <param name="percentPadding">How much to leave around the rest.</param>
    public BuildNode CropWhitespace(int threshold, float percentPadding) => To(
        "crop_whitespace", new JsonObject().With("threshold", threshold).With("percent_padding", percentPadding));

    /// <summary>Does what a querystring says, for example <c>w=100&amp;h=50&amp;mode=crop</c>.</summary>
    public BuildNode ResizerCommands(string commandString) => To(
        "command_string", new JsonObject().With("kind", "ir4").With("value", commandString));

    /// <summary>Turns upside down by mirroring.</summary>
    public BuildNode FlipVertical() => To("flip_v");

    /// <summary>Mirrors left and right.</summary>
    public BuildNode FlipHorizontal() => To("flip_h");

    /// <summary>Rotates clockwise.</summary>
    public BuildNode Rotate90() => To("rotate_90");

    /// <summary>Rotates by half a turn.</summary>
    public BuildNode Rotate180() => To("rotate_180");

    /// <summary>Rotates counter-clockwise.</summary>
    public BuildNode Rotate270() => To("rotate_270");

    /// <summary>Swaps rows and columns.</summary>
    public BuildNode Transpose() => To("transpose");

    /// <summary>Adds a branch and returns this node, so the chain goes on where it was.</summary>
    public BuildNode Branch(Func<BuildNode, BuildEndpoint> f)
    {
        f(this);
        return this;
    }

    /// <summary>Copies a rectangle of this image to a canvas, as it is.</summary>
    public BuildNode CopyRectTo(BuildNode canvas, Rectangle area, Point to) => NodeWithCanvas(
        canvas,
        "copy_rect_to_canvas",
        new JsonObject()
            .With("from_x", area.X)
            .With("from_y", area.Y)
            .With("w", area.Width)
            .With("h", area.Height)
            .With("x", to.X)
            .With("y", to.Y));

    /// <summary>Draws this image, scaled to a rectangle, on a canvas.</summary>
    public BuildNode DrawImageExactTo(
        BuildNode canvas, Rectangle to, ResampleHints? hints, CompositingMode? blend) => NodeWithCanvas(
        canvas,
        "draw_image_exact",
        new JsonObject()
            .With("w", to.Width)
            .With("h", to.Height)
            .With("x", to.X)
            .With("y", to.Y)
            .With("blend", blend.Wire())
            .With("hints", hints?.ToJsonNode()));

    /// <summary>Rounds the corners by a radius in pixels.</summary>
    public BuildNode RoundAllImageCorners(int radiusPixels, AnyColor backgroundColor) => RoundCorners(
        new JsonObject().With("pixels", radiusPixels), backgroundColor);

    /// <summary>Rounds the corners by a radius in percent of half the shorter side.</summary>
    public BuildNode RoundAllImageCornersPercent(float radiusPercent, AnyColor backgroundColor) => RoundCorners(
        new JsonObject().With("percentage", radiusPercent), backgroundColor);

    /// <summary>Fills a rectangle with a colour.</summary>
    public BuildNode FillRectangle(int x1, int y1, int x2, int y2, AnyColor color) => To(
        "fill_rect", Corners(x1, y1, x2, y2).With("color", color.ToJsonNode()));

    /// <summary>Adds pixels of a colour around the image.</summary>
    public BuildNode ExpandCanvas(int left, int top, int right, int bottom, AnyColor color) => To(
        "expand_canvas",
        new JsonObject()
            .With("left", left)
            .With("top", top)
            .With("right", right)
            .With("bottom", bottom)
            .With("color", color.ToJsonNode()));

    /// <summary>Stretches the histogram of each channel.</summary>
    public BuildNode WhiteBalanceSrgb(int threshold) => To(
        "white_balance_histogram_area_threshold_srgb", new JsonObject().With("threshold", threshold));

    /// <summary>Multiplies alpha: 0 is transparent, 1 changes nothing.</summary>
    public BuildNode TransparencySrgb(float opacity) => Filter("alpha", opacity);

    /// <summary>Changes the contrast: 0 changes nothing.</summary>
    public BuildNode ContrastSrgb(float amount) => Filter("contrast", amount);

    /// <summary>Changes the brightness: -1 to 1, 0 changes nothing.</summary>
    public BuildNode BrightnessSrgb(float amount) => Filter("brightness", amount);

    /// <summary>Changes the saturation: -1 is grey, 0 changes nothing.</summary>
    public BuildNode SaturationSrgb(float amount) => Filter("saturation", amount);

    /// <summary>Applies a colour filter.</summary>
    public BuildNode ColorFilterSrgb(ColorFilterSrgb filter) => To(
        "color_filter_srgb", JsonValue.Create(filter.Wire()));

    /// <summary>Draws a watermark.</summary>
    public BuildNode Watermark(IAsyncMemorySource source, WatermarkOptions watermark) =>
        Watermark(source, null, watermark);

    /// <summary>Draws a watermark whose input has an id of your choice.</summary>
    public BuildNode Watermark(IAsyncMemorySource source, int? ioId, WatermarkOptions watermark)
    {
        if (watermark == null)
        {
            throw new ArgumentNullException(nameof(watermark));
        }

        var id = ioId ?? Builder.GenerateIoId();
        Builder.AddInput(id, source);
        return To("watermark", watermark.ToJsonNode(id));
    }

    /// <summary>Draws a watermark.</summary>
    [Obsolete("Use the overload that takes an IAsyncMemorySource.")]
    public BuildNode Watermark(IBytesSource source, WatermarkOptions watermark) =>
        Watermark(source.ToMemorySource(), null, watermark);

    /// <summary>Draws a watermark whose input has an id of your choice.</summary>
    [Obsolete("Use the overload that takes an IAsyncMemorySource.")]
    public BuildNode Watermark(IBytesSource source, int? ioId, WatermarkOptions watermark) =>
        Watermark(source.ToMemorySource(), ioId, watermark);

    private BuildNode To(string node, JsonNode? parameters = null) =>
        new(Builder, JsonBuilding.Variant(node, parameters), this, null);

    private BuildNode NodeWithCanvas(BuildNode canvas, string node, JsonNode parameters) =>
        canvas == null
            ? throw new ArgumentNullException(nameof(canvas))
            : canvas.Builder != Builder
                ? throw new ArgumentException("The canvas belongs to another job.", nameof(canvas))
                : new BuildNode(Builder, JsonBuilding.Variant(node, parameters), this, canvas);

    private BuildNode Filter(string name, float amount) => To(
        "color_filter_srgb", new JsonObject().With(name, amount));

    private BuildNode RoundCorners(JsonNode radius, AnyColor backgroundColor) => To(
        "round_image_corners",
        new JsonObject().With("radius", radius).With("background_color", backgroundColor.ToJsonNode()));

    private static JsonObject Corners(int x1, int y1, int x2, int y2) =>
        new JsonObject().With("x1", x1).With("y1", y1).With("x2", x2).With("y2", y2);

    private static JsonObject Within(uint? w, uint? h) =>
        new JsonObject().With("mode", ConstraintMode.Within.Wire()).With("w", w).With("h", h);
}
