namespace Imageflow.Fluent;

/// <summary>The older name of <see cref="ImageJob"/>.</summary>
[Obsolete("Use ImageJob.")]
public class FluentBuildJob : ImageJob
{
}
