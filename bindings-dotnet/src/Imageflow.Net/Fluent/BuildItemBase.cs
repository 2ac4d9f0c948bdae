using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>One node of a job's graph.</summary>
public class BuildItemBase
{
    /// <summary>Adds a node to a job.</summary>
    /// <param name="builder">The job.</param>
    /// <param name="nodeData">The node as the engine's JSON.</param>
    /// <param name="inputNode">The node whose image it takes.</param>
    /// <param name="canvasNode">The node whose image it draws on.</param>
    protected BuildItemBase(ImageJob builder, JsonNode nodeData, BuildNode? inputNode, BuildNode? canvasNode)
    {
        Builder = builder;
        NodeData = nodeData;
        Input = inputNode;
        Canvas = canvasNode;
        builder.AddNode(this);
    }

    internal ImageJob Builder { get; }

    internal JsonNode NodeData { get; }

    internal BuildNode? Input { get; }

    internal BuildNode? Canvas { get; }

    /// <summary>Whether it is the same node.</summary>
    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    /// <summary>A hash of the node's identity.</summary>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
