namespace FastRecurrent.Tests.Formats;

/// <summary>A fact that needs Debian's PyTorch and onnx package; without them it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TorchFactAttribute : FactAttribute
{
    /// <summary>Debian's Python, which has its packages.</summary>
    public const string Python = "/usr/bin/python3";

    private const string Packages = "/usr/lib/python3/dist-packages";

    public TorchFactAttribute()
    {
        if (!File.Exists(Python) || !Directory.Exists($"{Packages}/torch") || !Directory.Exists($"{Packages}/onnx"))
            Skip = "absent: python3-torch, python3-onnx; the lines of docs/importing.md that export were not run";
    }
}
