using System.Reflection;
using System.Runtime.CompilerServices;

namespace Imageflow.Net.Test;

/// <summary>Prints the public and protected surface of an assembly in the form of public-api.txt.</summary>
internal static class SurfacePrinter
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
    };

    /// <summary>Each type's header line, with the lines of its members.</summary>
    internal static Dictionary<string, HashSet<string>> Print(Assembly assembly) =>
        assembly.GetExportedTypes().ToDictionary(Header, type => Members(type).ToHashSet());

    private static string Header(Type type)
    {
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = new List<string>();
        if (type.IsClass && type.BaseType != typeof(object))
        {
            bases.Add(Name(type.BaseType!));
        }

        if (!type.IsEnum)
        {
            bases.AddRange(type.GetInterfaces()
                .Where(i => i.IsVisible && !inherited.Contains(i))
                .Select(Name)
                .OrderBy(name => name, StringComparer.Ordinal));
        }

        return $"{type.FullName} : {Kind(type)}{(bases.Count > 0 ? $" ({string.Join(", ", bases)})" : "")}"
            + Obsolete(type);
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => Enum.GetUnderlyingType(type) == typeof(int)
            ? "enum"
            : "enum " + Name(Enum.GetUnderlyingType(type)),
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            yield return string.Join(", ", type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => $"{field.Name}={Convert.ToInt64(field.GetRawConstantValue())}"));
            yield break;
        }

        foreach (var constructor in type.GetConstructors(Declared).Where(c => !c.IsStatic && Visible(c)))
        {
            yield return $"{Protected(constructor)}ctor({Parameters(constructor)}){Obsolete(constructor)}";
        }

        foreach (var property in type.GetProperties(Declared))
        {
            var accessors = new[] { property.GetMethod, property.SetMethod }
                .Where(a => a != null && Visible(a)).ToList();
            if (accessors.Count > 0)
            {
                yield return Property(property, accessors!);
            }
        }

        foreach (var method in type.GetMethods(Declared)
            .Where(m => Visible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_")) && m.Name != "<Clone>$"))
        {
            yield return Method(method);
        }
    }

    private static string Property(PropertyInfo property, List<MethodInfo> accessors)
    {
        var index = property.GetIndexParameters();
        var name = index.Length > 0
            ? $"this[{string.Join(", ", index.Select(p => $"{Name(p.ParameterType)} {p.Name}"))}]"
            : property.Name;
        var access = string.Concat(accessors.Select(a =>
            a == property.GetMethod ? "get; " : IsInit(a) ? "init; " : "set; "));
        return (accessors[0].IsStatic ? "static " : "")
            + $"{Name(property.PropertyType)} {name} {{ {access}}}{Obsolete(property)}";
    }

    private static string Method(MethodInfo method)
    {
        var modifier = method.DeclaringType!.IsInterface ? ""
            : method.IsStatic ? "static "
            : method.GetBaseDefinition() != method ? "override "
            : method is { IsVirtual: true, IsFinal: false } ? "virtual "
            : "";
        var generic = method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>"
            : "";
        return $"{Protected(method)}{modifier}{Name(method.ReturnType)} {method.Name}{generic}"
            + $"({Parameters(method)}){Obsolete(method)}";
    }

    private static string Parameters(MethodBase method)
    {
        var extension = method.IsDefined(typeof(ExtensionAttribute), false);
        return string.Join(", ", method.GetParameters().Select((p, i) =>
            (extension && i == 0 ? "this " : "") + $"{Name(p.ParameterType)} {p.Name}" + Default(p)));
    }

    private static string Default(ParameterInfo parameter) =>
        !parameter.HasDefaultValue ? ""
        : parameter.DefaultValue is { } value ? $" = {value}"
        : parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) == null
            ? " = default"
            : " = null";

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return "ref " + Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        return Keywords.TryGetValue(type, out var keyword) ? keyword
            : type.IsGenericType
                ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
                : type.Name;
    }

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Protected(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static bool IsInit(MethodInfo setter) =>
        setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Obsolete(MemberInfo member) =>
        member.IsDefined(typeof(ObsoleteAttribute), false) ? " [obsolete]" : "";
}
