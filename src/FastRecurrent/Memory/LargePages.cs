using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRecurrent.Memory;

/// <summary>
/// Asks Linux for pages of 2 MB under large new memory. The first touch of a page costs about a microsecond, whatever its size: for 200 MB
/// 50,000 of them take most of the time of a load. Only a hint; where nobody hears it (another system, transparent huge pages switched off)
/// everything is as without it.
/// </summary>
internal static unsafe class LargePages
{
    private const nuint PageBytes = 2 << 20;

    // MADV_HUGEPAGE of madvise(2).
    private const int UseLargePages = 14;

    private static readonly delegate* unmanaged<void*, nuint, int, int> Advise = Find();

    /// <summary>A new array whose first touch is cheap where it is large.</summary>
    /// <param name="length">How many values.</param>
    /// <param name="isPinned">Whether it stays at its address.</param>
    /// <param name="isZero">Whether its values are 0, and not whatever its memory held before.</param>
    public static T[] NewArray<T>(int length, bool isPinned = false, bool isZero = true)
        where T : unmanaged
    {
        T[] array = isZero ? GC.AllocateArray<T>(length, isPinned) : GC.AllocateUninitializedArray<T>(length, isPinned);
        fixed (T* start = array)
        {
            Ask(start, (long)length * Unsafe.SizeOf<T>());
        }

        return array;
    }

    /// <summary>Asks for the whole large pages within some memory that nobody has touched yet.</summary>
    private static void Ask(void* memory, long bytes)
    {
        nuint start = ((nuint)memory + PageBytes - 1) & ~(PageBytes - 1);
        nuint end = ((nuint)memory + (nuint)bytes) & ~(PageBytes - 1);
        if (Advise is not null && end > start)
        {
            // Its answer changes nothing: refused, the memory has small pages.
            _ = Advise((void*)start, end - start, UseLargePages);
        }
    }

    private static delegate* unmanaged<void*, nuint, int, int> Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "madvise", out nint advise)
            ? (delegate* unmanaged<void*, nuint, int, int>)advise
            : null;
}
