using System.Text.Json.Nodes;
using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class BuilderVectorTests
{
    [Fact]
    public void Messages_equal_the_shared_vectors()
    {
        var cases = JsonNode.Parse(File.ReadAllText(Places.InRepository("tests", "bindings", "builder.json")))!;
        var (run, skipped, wrong) = (0, 0, new List<string>());
        foreach (var vector in cases.AsArray())
        {
            var needs = vector!["needs"]?.AsArray().Select(tag => (string)tag!) ?? [];
            if (needs.Intersect(VectorDispatcher.NotOffered).Any())
            {
                skipped++;
                continue;
            }

            run++;
            using var job = new ImageJob();
            new VectorDispatcher(job).Run(vector["calls"]!.AsArray());
            var (expected, actual) = (Expected(vector["expected"]!), Emitted(job));
            if (!expected.SequenceEqual(actual))
            {
                wrong.Add($"{vector["name"]}:\n  expected {string.Join(" ", expected)}\n  emitted  "
                    + string.Join(" ", actual));
            }
        }

        Console.WriteLine($"       builder vectors: {run} run, {skipped} need calls this package does not offer");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(run >= 50, $"Only {run} cases were run.");
    }

    private static List<string> Expected(JsonNode graph) => GraphForm.Of(
        graph["nodes"]!.AsArray().Select((node, i) => (node, i)).ToDictionary(item => item.i, item => item.node!),
        graph["edges"]!.AsArray()
            .Select(edge => ((int)edge![0]!, (int)edge[1]!, (string)edge[2]!))
            .ToList());

    private static List<string> Emitted(ImageJob job)
    {
        var graph = JsonNode.Parse(JobMessage.Execute(job, null).Span)!["framewise"]!["graph"]!;
        return GraphForm.Of(
            graph["nodes"]!.AsObject().ToDictionary(node => int.Parse(node.Key), node => node.Value!),
            graph["edges"]!.AsArray()
                .Select(edge => ((int)edge!["from"]!, (int)edge["to"]!, (string)edge["kind"]!))
                .ToList());
    }
}
