using Imageflow.Fluent;
using Xunit;

namespace Imageflow.Net.Test;

public class PublicSurfaceTests
{
    [Fact]
    public void Every_member_of_the_contract_is_there()
    {
        var actual = SurfacePrinter.Print(typeof(ImageJob).Assembly);
        var missing = new List<string>();
        var checkedLines = 0;
        HashSet<string>? members = null;
        var header = "";
        foreach (var line in File.ReadLines(Places.InBinding("public-api.txt")))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            checkedLines++;
            if (line[0] != ' ')
            {
                header = line;
                if (!actual.TryGetValue(line, out members))
                {
                    missing.Add(line);
                }
            }
            else if (members?.Contains(line.Trim()) != true)
            {
                missing.Add($"{header}\n  {line}");
            }
        }

        Console.WriteLine($"       public surface: {checkedLines} lines, {missing.Count} missing");
        Assert.True(missing.Count == 0, "Missing:\n" + string.Join("\n", missing));
        Assert.True(checkedLines > 550, $"The contract has only {checkedLines} lines.");
    }
}
