using System.Runtime.InteropServices;

namespace FastRecurrent.Cli.Peers;

/// <summary>
/// The native peer, <c>native-ref</c>'s library over oneDNN (its header documents every function), found at run time: in the
/// application's folder, or in the folder that the environment variable <see cref="FolderVariable"/> names.
/// </summary>
internal sealed unsafe class OneDnn
{
    public const string FolderVariable = "FASTRECURRENT_NATIVE_DIR";

    private static readonly Lazy<OneDnn?> Found = new(Load);

    public readonly delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float*, float*, float*, float*, nint> Create;
    public readonly delegate* unmanaged[Cdecl]<nint, void> Destroy;
    public readonly delegate* unmanaged[Cdecl]<nint, float*, float*, int> SetState;
    public readonly delegate* unmanaged[Cdecl]<nint, float*, float*, float*, float*, int> Forward;
    public readonly delegate* unmanaged[Cdecl]<nint, float*, float*, float*, float*, float*, OneDnnGradients*, int> Backward;
    public readonly delegate* unmanaged[Cdecl]<int, void> SetThreads;
    private readonly delegate* unmanaged[Cdecl]<byte*> _lastError;

    private OneDnn(nint library)
    {
        Create = (delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float*, float*, float*, float*, nint>)Export("create");
        Destroy = (delegate* unmanaged[Cdecl]<nint, void>)Export("destroy");
        SetState = (delegate* unmanaged[Cdecl]<nint, float*, float*, int>)Export("set_state");
        Forward = (delegate* unmanaged[Cdecl]<nint, float*, float*, float*, float*, int>)Export("forward");
        Backward = (delegate* unmanaged[Cdecl]<nint, float*, float*, float*, float*, float*, OneDnnGradients*, int>)Export("backward");
        SetThreads = (delegate* unmanaged[Cdecl]<int, void>)Export("set_threads");
        _lastError = (delegate* unmanaged[Cdecl]<byte*>)Export("last_error");
        var version = (delegate* unmanaged[Cdecl]<byte*>)Export("version");
        Name = $"oneDNN {Marshal.PtrToStringUTF8((nint)version())}";

        nint Export(string name) => NativeLibrary.GetExport(library, $"fr_onednn_{name}");
    }

    /// <summary>The peer, or null where its library or oneDNN itself is absent.</summary>
    public static OneDnn? Instance => Found.Value;

    /// <summary>As "oneDNN 2.6.3".</summary>
    public string Name { get; }

    /// <summary>Why the last call on this thread failed.</summary>
    public string LastError => Marshal.PtrToStringUTF8((nint)_lastError()) ?? string.Empty;

    private static OneDnn? Load()
    {
        string file = OperatingSystem.IsWindows() ? "fastrecurrent_onednn.dll"
            : OperatingSystem.IsMacOS() ? "libfastrecurrent_onednn.dylib"
            : "libfastrecurrent_onednn.so";
        string?[] folders = [AppContext.BaseDirectory, Environment.GetEnvironmentVariable(FolderVariable)];
        foreach (string? folder in folders)
        {
            if (!string.IsNullOrEmpty(folder) && NativeLibrary.TryLoad(Path.Combine(Path.GetFullPath(folder), file), out nint library))
            {
                return new OneDnn(library);
            }
        }

        return null;
    }
}

/// <summary><c>fr_onednn_gradients</c>: where backward leaves its results; null is not wanted.</summary>
internal unsafe struct OneDnnGradients
{
    public float* Input;
    public float* InitialHidden, InitialCell;
    public float* InputWeights, RecurrentWeights;
    public float* InputBias, RecurrentBias;
}
