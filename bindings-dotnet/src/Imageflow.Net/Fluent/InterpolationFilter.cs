namespace Imageflow.Fluent;

/// <summary>The weights of a resampling.</summary>
public enum InterpolationFilter
{
    /// <summary>Robidoux with a smaller window.</summary>
    Robidoux_Fast = 1,

    /// <summary>The default for making images smaller.</summary>
    Robidoux = 2,

    /// <summary>A sharper Robidoux.</summary>
    Robidoux_Sharp = 3,

    /// <summary>The default for making images larger.</summary>
    Ginseng = 4,

    /// <summary>A sharper Ginseng.</summary>
    Ginseng_Sharp = 5,

    /// <summary>Lanczos, three lobes.</summary>
    Lanczos = 6,

    /// <summary>A sharper Lanczos.</summary>
    Lanczos_Sharp = 7,

    /// <summary>Lanczos, two lobes.</summary>
    Lanczos_2 = 8,

    /// <summary>A sharper Lanczos, two lobes.</summary>
    Lanczos_2_Sharp = 9,

    /// <summary>Cubic.</summary>
    Cubic = 11,

    /// <summary>A sharper cubic.</summary>
    Cubic_Sharp = 12,

    /// <summary>Catmull-Rom.</summary>
    Catmull_Rom = 13,

    /// <summary>Mitchell-Netravali.</summary>
    Mitchell = 14,

    /// <summary>Cubic B-spline: soft.</summary>
    Cubic_B_Spline = 15,

    /// <summary>Hermite.</summary>
    Hermite = 16,

    /// <summary>Jinc.</summary>
    Jinc = 17,

    /// <summary>Triangle.</summary>
    Triangle = 22,

    /// <summary>Linear.</summary>
    Linear = 23,

    /// <summary>Box.</summary>
    Box = 24,

    /// <summary>The fastest.</summary>
    Fastest = 27,

    /// <summary>A cubic without negative weights.</summary>
    N_Cubic = 29,

    /// <summary>A sharper N_Cubic.</summary>
    N_Cubic_Sharp = 30,
}
