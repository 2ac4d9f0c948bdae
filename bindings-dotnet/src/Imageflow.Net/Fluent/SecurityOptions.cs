using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>Limits of a job. What is not set is the engine's default.</summary>
public class SecurityOptions
{
    /// <summary>The largest image to decode.</summary>
    public FrameSizeLimit? MaxDecodeSize { get; set; }

    /// <summary>The largest image between decoding and encoding.</summary>
    public FrameSizeLimit? MaxFrameSize { get; set; }

    /// <summary>The largest image to encode.</summary>
    public FrameSizeLimit? MaxEncodeSize { get; set; }

    /// <summary>Sets <see cref="MaxDecodeSize"/>.</summary>
    public SecurityOptions SetMaxDecodeSize(FrameSizeLimit? limit)
    {
        MaxDecodeSize = limit;
        return this;
    }

    /// <summary>Sets <see cref="MaxFrameSize"/>.</summary>
    public SecurityOptions SetMaxFrameSize(FrameSizeLimit? limit)
    {
        MaxFrameSize = limit;
        return this;
    }

    /// <summary>Sets <see cref="MaxEncodeSize"/>.</summary>
    public SecurityOptions SetMaxEncodeSize(FrameSizeLimit? limit)
    {
        MaxEncodeSize = limit;
        return this;
    }

    internal JsonNode ToJsonNode() => new JsonObject()
        .With("max_decode_size", MaxDecodeSize?.ToJsonNode())
        .With("max_frame_size", MaxFrameSize?.ToJsonNode())
        .With("max_encode_size", MaxEncodeSize?.ToJsonNode());
}
