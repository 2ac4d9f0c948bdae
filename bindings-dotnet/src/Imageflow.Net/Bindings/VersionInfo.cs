using System.Globalization;
using System.Text.Json.Nodes;

namespace Imageflow.Bindings;

/// <summary>Which build of the engine is loaded.</summary>
public class VersionInfo
{
    private VersionInfo(JsonNode node)
    {
        LongVersionString = ResponseJson.Text(node, "long_version_string");
        LastGitCommit = ResponseJson.Text(node, "last_git_commit");
        DirtyWorkingTree = ResponseJson.Member(node, "dirty_working_tree").GetValue<bool>();
        BuildDate = DateTimeOffset.Parse(
            ResponseJson.Text(node, "build_date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        GitTag = (string?)node["git_tag"];
        GitDescribeAlways = (string?)node["git_describe_always"];
    }

    /// <summary>Version, commit and build date in one line.</summary>
    public string LongVersionString { get; }

    /// <summary>The commit the engine was built from.</summary>
    public string LastGitCommit { get; }

    /// <summary>The nearest tag and the commit, when known.</summary>
    public string? GitDescribeAlways { get; }

    /// <summary>The tag of the commit, if any.</summary>
    public string? GitTag { get; }

    /// <summary>Whether the sources differed from the commit.</summary>
    public bool DirtyWorkingTree { get; }

    /// <summary>When the engine was built.</summary>
    public DateTimeOffset BuildDate { get; }

    internal static VersionInfo FromResponse(JsonNode? response) =>
        new(ResponseJson.Member(ResponseJson.Data(response), "version_info"));
}
