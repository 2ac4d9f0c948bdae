using System.Text.Json.Nodes;
using Imageflow.Bindings;

namespace Imageflow.Fluent;

/// <summary>What a job read and wrote.</summary>
public class BuildJobResult
{
    private readonly Dictionary<int, BuildEncodeResult> _encodes;

    private BuildJobResult(
        List<BuildDecodeResult> decodes, List<BuildEncodeResult> encodes, PerformanceDetails performance)
    {
        DecodeResults = decodes;
        EncodeResults = encodes;
        PerformanceDetails = performance;
        First = encodes.FirstOrDefault();
        _encodes = encodes.ToDictionary(encode => encode.IoId);
    }

    /// <summary>The inputs, by id.</summary>
    public IReadOnlyCollection<BuildDecodeResult> DecodeResults { get; }

    /// <summary>The outputs, by id.</summary>
    public IReadOnlyCollection<BuildEncodeResult> EncodeResults { get; }

    /// <summary>Where the time went.</summary>
    public PerformanceDetails PerformanceDetails { get; }

    /// <summary>The output with the lowest id.</summary>
    public BuildEncodeResult? First { get; }

    /// <summary>The output with this id.</summary>
    public BuildEncodeResult this[int ioId] => _encodes[ioId];

    /// <summary>The output with this id, or null.</summary>
    public BuildEncodeResult? TryGet(int ioId) => _encodes.TryGetValue(ioId, out var result) ? result : null;

    internal static BuildJobResult From(
        JsonNode? response, IReadOnlyDictionary<int, IOutputDestination> destinations)
    {
        var data = ResponseJson.Data(response);
        var job = data["job_result"] ?? ResponseJson.Member(data, "build_result"); // the latter is the tool's name
        var decodes = ResponseJson.Items(job, "decodes")
            .Select(node => new BuildDecodeResult
            {
                PreferredMimeType = ResponseJson.Text(node, "preferred_mime_type"),
                PreferredExtension = ResponseJson.Text(node, "preferred_extension"),
                IoId = (int)ResponseJson.Integer(node, "io_id"),
                Width = (int)ResponseJson.Integer(node, "w"),
                Height = (int)ResponseJson.Integer(node, "h"),
            })
            .OrderBy(decode => decode.IoId)
            .ToList();
        var encodes = ResponseJson.Items(job, "encodes")
            .Select(node =>
            {
                var ioId = (int)ResponseJson.Integer(node, "io_id");
                return new BuildEncodeResult(
                    destinations[ioId],
                    ResponseJson.Text(node, "preferred_mime_type"),
                    ResponseJson.Text(node, "preferred_extension"))
                {
                    IoId = ioId,
                    Width = (int)ResponseJson.Integer(node, "w"),
                    Height = (int)ResponseJson.Integer(node, "h"),
                };
            })
            .OrderBy(encode => encode.IoId)
            .ToList();
        return new BuildJobResult(decodes, encodes, PerformanceDetails.From(job["performance"]));
    }
}
