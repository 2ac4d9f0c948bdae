using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A node no image comes out of: the end of a branch.</summary>
public class BuildEndpoint : BuildItemBase
{
    internal BuildEndpoint(ImageJob builder, JsonNode nodeData, BuildNode? inputNode)
        : base(builder, nodeData, inputNode, null)
    {
    }

    /// <summary>Goes on to running the job.</summary>
    public FinishJobBuilder Finish() => Builder.Finish();

    /// <summary>Goes on to running the job, with a token that cancels it.</summary>
    [Obsolete("Use Finish().SetCancellationToken(token).")]
    public FinishJobBuilder FinishWithToken(CancellationToken token) => Finish().SetCancellationToken(token);

    /// <summary>Goes on to running the job, with a time limit.</summary>
    [Obsolete("Use Finish().SetCancellationTimeout(milliseconds).")]
    public FinishJobBuilder FinishWithTimeout(int milliseconds) => Finish().SetCancellationTimeout(milliseconds);
}
