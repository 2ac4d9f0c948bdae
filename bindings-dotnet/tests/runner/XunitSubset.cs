// The part of xunit that the tests use, for machines without the .NET SDK. Semantics are xunit's.
using System.Collections;

namespace Xunit;

[AttributeUsage(AttributeTargets.Method)]
public sealed class FactAttribute : Attribute
{
}

[AttributeUsage(AttributeTargets.Method)]
public sealed class TheoryAttribute : Attribute
{
}

[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class InlineDataAttribute(params object?[] data) : Attribute
{
    public object?[] Data { get; } = data;
}

[AttributeUsage(AttributeTargets.Assembly)]
public sealed class CollectionBehaviorAttribute : Attribute
{
    public bool DisableTestParallelization { get; set; }
}

public sealed class AssertException(string message) : Exception(message);

public static class Assert
{
    public static void True(bool condition, string? message = null)
    {
        if (!condition)
        {
            throw new AssertException(message ?? "Expected true.");
        }
    }

    public static void False(bool condition, string? message = null) => True(!condition, message ?? "Expected false.");

    public static void Null(object? value) => True(value is null, $"Expected null, got {value}.");

    public static void NotNull(object? value) => True(value is not null, "Expected a value, got null.");

    public static void Equal<T>(T expected, T actual) =>
        True(Same(expected, actual), $"Expected {Show(expected)}, got {Show(actual)}.");

    public static void NotEqual<T>(T expected, T actual) =>
        True(!Same(expected, actual), $"Expected anything but {Show(expected)}.");

    public static void Same(object? expected, object? actual, string? _ = null) =>
        True(ReferenceEquals(expected, actual), "Expected the same object.");

    public static void Empty(IEnumerable items) => True(!items.Cast<object?>().Any(), $"Expected none: {Show(items)}");

    public static void Contains(string part, string? whole) =>
        True(whole != null && whole.Contains(part), $"\"{part}\" is not in \"{whole}\".");

    public static void DoesNotContain(string part, string? whole) =>
        True(whole == null || !whole.Contains(part), $"\"{part}\" is in \"{whole}\".");

    public static void StartsWith(string start, string? whole) =>
        True(whole != null && whole.StartsWith(start), $"\"{whole}\" does not start with \"{start}\".");

    public static void InRange<T>(T actual, T low, T high)
        where T : IComparable<T> =>
        True(actual.CompareTo(low) >= 0 && actual.CompareTo(high) <= 0, $"{actual} is not within {low}…{high}.");

    public static T IsType<T>(object? value)
    {
        True(value?.GetType() == typeof(T), $"Expected {typeof(T)}, got {value?.GetType()}.");
        return (T)value!;
    }

    public static T IsAssignableFrom<T>(object? value)
    {
        True(value is T, $"Expected {typeof(T)}, got {value?.GetType()}.");
        return (T)value!;
    }

    public static T Throws<T>(Action action)
        where T : Exception => IsType<T>(Caught(action));

    public static T Throws<T>(Func<object?> action)
        where T : Exception => IsType<T>(Caught(() => action()));

    public static T ThrowsAny<T>(Action action)
        where T : Exception => IsAssignableFrom<T>(Caught(action));

    public static async Task<T> ThrowsAsync<T>(Func<Task> action)
        where T : Exception => IsType<T>(await CaughtAsync(action));

    public static async Task<T> ThrowsAnyAsync<T>(Func<Task> action)
        where T : Exception => IsAssignableFrom<T>(await CaughtAsync(action));

    private static Exception? Caught(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static async Task<Exception?> CaughtAsync(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static bool Same<T>(T expected, T actual) =>
        expected is IEnumerable left and not string && actual is IEnumerable right and not string
            ? left.Cast<object?>().SequenceEqual(right.Cast<object?>())
            : EqualityComparer<T>.Default.Equals(expected, actual);

    private static string Show(object? value) =>
        value is IEnumerable items and not string
            ? "[" + string.Join(", ", items.Cast<object?>().Take(20)) + "]"
            : value?.ToString() ?? "null";
}
