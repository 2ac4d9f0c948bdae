using System.Diagnostics;
using System.Reflection;
using Xunit;

namespace Imageflow.Net.Test;

/// <summary>Runs every [Fact] and [Theory]; an argument keeps those whose name contains it.</summary>
internal static class Runner
{
    private static async Task<int> Main(string[] arguments)
    {
        var passed = 0;
        var failures = new List<string>();
        foreach (var (name, run) in Tests().Where(test => arguments.All(test.Name.Contains)))
        {
            var clock = Stopwatch.StartNew();
            try
            {
                await run();
                passed++;
                Console.WriteLine($"  ok   {name} ({clock.ElapsedMilliseconds} ms)");
            }
            catch (Exception e)
            {
                var cause = e is TargetInvocationException ? e.InnerException! : e;
                failures.Add(name);
                Console.WriteLine($"  FAIL {name}\n{cause}");
            }
        }

        Console.WriteLine($"{passed} passed, {failures.Count} failed");
        foreach (var name in failures)
        {
            Console.WriteLine($"  failed: {name}");
        }

        return failures.Count == 0 && passed > 0 ? 0 : 1;
    }

    private static IEnumerable<(string Name, Func<Task> Run)> Tests()
    {
        foreach (var type in Assembly.GetExecutingAssembly().GetTypes().OrderBy(type => type.Name))
        {
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            {
                var name = $"{type.Name}.{method.Name}";
                if (method.GetCustomAttribute<FactAttribute>() != null)
                {
                    yield return (name, () => Invoke(method, []));
                }
                else if (method.GetCustomAttribute<TheoryAttribute>() != null)
                {
                    foreach (var row in method.GetCustomAttributes<InlineDataAttribute>())
                    {
                        yield return ($"{name}({string.Join(", ", row.Data)})", () => Invoke(method, row.Data));
                    }
                }
            }
        }
    }

    private static async Task Invoke(MethodInfo method, object?[] arguments)
    {
        var instance = method.IsStatic ? null : Activator.CreateInstance(method.DeclaringType!);
        try
        {
            if (method.Invoke(instance, arguments) is Task task)
            {
                await task;
            }
        }
        finally
        {
            (instance as IDisposable)?.Dispose();
        }
    }
}
