using System.Text.Json.Nodes;

namespace Imageflow.Fluent;

/// <summary>A colour. The default value is black.</summary>
public readonly struct AnyColor
{
    private readonly ColorKind _kind;
    private readonly SrgbColor _srgb;

    private AnyColor(ColorKind kind, SrgbColor srgb = default)
    {
        _kind = kind;
        _srgb = srgb;
    }

    /// <summary>Opaque black.</summary>
    public static AnyColor Black => new(ColorKind.Black);

    /// <summary>Fully transparent.</summary>
    public static AnyColor Transparent => new(ColorKind.Transparent);

    /// <summary>RGB, RGBA, RRGGBB or RRGGBBAA, with or without <c>#</c>.</summary>
    public static AnyColor FromHexSrgb(string hex) => Srgb(SrgbColor.FromHex(hex));

    /// <summary>A colour by its sRGB values.</summary>
    public static AnyColor Srgb(SrgbColor c) => new(ColorKind.Srgb, c);

    /// <summary>The colour as the engine's JSON.</summary>
    [Obsolete("Use ToJsonNode.")]
    public object ToImageflowDynamic() => JsonBuilding.ToPlain(ToJsonNode())!;

    /// <summary>The colour as the engine's JSON.</summary>
    public JsonNode ToJsonNode() => _kind == ColorKind.Srgb
        ? JsonBuilding.Variant("srgb", JsonBuilding.Variant("hex", _srgb.ToHexUnprefixed()))
        : JsonValue.Create(_kind.Wire());
}
