using System.Globalization;

namespace Imageflow.Fluent;

/// <summary>A colour as sRGB bytes with straight alpha.</summary>
public readonly struct SrgbColor
{
    /// <summary>A colour by its red, green, blue and alpha.</summary>
    public SrgbColor(byte r, byte g, byte b, byte a)
    {
        R = r;
        G = g;
        B = b;
        A = a;
    }

    /// <summary>Red.</summary>
    public byte R { get; }

    /// <summary>Green.</summary>
    public byte G { get; }

    /// <summary>Blue.</summary>
    public byte B { get; }

    /// <summary>Alpha: 255 is opaque.</summary>
    public byte A { get; }

    /// <summary>A colour by its bytes in the order of bitmaps.</summary>
    public static SrgbColor BGRA(byte b, byte g, byte r, byte a) => new(r, g, b, a);

    /// <summary>A colour by its bytes.</summary>
    public static SrgbColor RGBA(byte r, byte g, byte b, byte a) => new(r, g, b, a);

    /// <summary>An opaque colour by its bytes.</summary>
    public static SrgbColor RGB(byte r, byte g, byte b) => new(r, g, b, 255);

    /// <summary>RGB, RGBA, RRGGBB or RRGGBBAA, with or without <c>#</c>.</summary>
    public static SrgbColor FromHex(string s)
    {
        var digits = (s ?? throw new ArgumentNullException(nameof(s))).TrimStart('#');
        if (digits.Length is 3 or 4)
        {
            digits = string.Concat(digits.Select(digit => new string(digit, 2)));
        }

        if (digits.Length == 6)
        {
            digits += "ff";
        }

        return digits.Length == 8
            && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rgba)
            ? new SrgbColor((byte)(rgba >> 24), (byte)(rgba >> 16), (byte)(rgba >> 8), (byte)rgba)
            : throw new ArgumentException($"\"{s}\" is not a colour: give 3, 4, 6 or 8 hexadecimal digits.", nameof(s));
    }

    /// <summary>RRGGBB in lower case, or RRGGBBAA unless opaque.</summary>
    public string ToHexUnprefixed() => A == 255 ? $"{R:x2}{G:x2}{B:x2}" : $"{R:x2}{G:x2}{B:x2}{A:x2}";

    /// <summary>The same colour, as nodes and presets take it.</summary>
    public AnyColor ToAnyColor() => AnyColor.Srgb(this);
}
