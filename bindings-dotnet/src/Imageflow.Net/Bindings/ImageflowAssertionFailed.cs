namespace Imageflow.Bindings;

/// <summary>The library and this package do not fit together, or one of them is broken.</summary>
public class ImageflowAssertionFailed : Exception
{
    /// <summary>Describes what was found broken.</summary>
    public ImageflowAssertionFailed(string message)
        : base(message)
    {
    }
}
