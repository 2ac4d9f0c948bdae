namespace Imageflow.Fluent;

/// <summary>When to resample.</summary>
public enum ResampleWhen
{
    /// <summary>When the size changes.</summary>
    Size_Differs,

    /// <summary>When the size changes or sharpening is asked for.</summary>
    Size_Differs_Or_Sharpening_Requested,

    /// <summary>Always.</summary>
    Always,
}
