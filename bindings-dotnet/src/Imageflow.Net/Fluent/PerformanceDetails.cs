using System.Globalization;
using System.Text.Json.Nodes;
using Imageflow.Bindings;

namespace Imageflow.Fluent;

/// <summary>Where the time of a job went.</summary>
public class PerformanceDetails
{
    private PerformanceDetails(List<PerformanceDetailsFrame> frames)
    {
        Frames = frames;
    }

    /// <summary>One entry per frame.</summary>
    public ICollection<PerformanceDetailsFrame> Frames { get; }

    /// <summary>The steps of the first frame, for example <c>primitive_decoder(1.2345ms) …</c>.</summary>
    public string GetFirstFrameSummary() => Frames.FirstOrDefault() is { } frame
        ? string.Join(" ", frame.Nodes.Select(node => string.Format(
            CultureInfo.InvariantCulture, "{0}({1:0.####}ms)", node.Name, node.WallMicroseconds / 1000.0)))
        : "";

    internal static PerformanceDetails From(JsonNode? performance) => new(
        performance == null ? [] : ResponseJson.Items(performance, "frames")
            .Select(PerformanceDetailsFrame.From)
            .ToList());
}

/// <summary>The steps of one frame.</summary>
public class PerformanceDetailsFrame
{
    private PerformanceDetailsFrame(List<PerformanceDetailsNode> nodes)
    {
        Nodes = nodes;
    }

    /// <summary>The steps, longest first.</summary>
    public ICollection<PerformanceDetailsNode> Nodes { get; }

    internal static PerformanceDetailsFrame From(JsonNode frame) => new(
        ResponseJson.Items(frame, "nodes")
            .Select(node => new PerformanceDetailsNode(
                ResponseJson.Text(node, "name"), ResponseJson.Integer(node, "wall_microseconds")))
            .ToList());
}

/// <summary>One step.</summary>
public readonly record struct PerformanceDetailsNode
{
    internal PerformanceDetailsNode(string name, long wallMicroseconds)
    {
        Name = name;
        WallMicroseconds = wallMicroseconds;
    }

    /// <summary>The engine's name for the step.</summary>
    public string Name { get; }

    /// <summary>Wall-clock time.</summary>
    public long WallMicroseconds { get; }
}
