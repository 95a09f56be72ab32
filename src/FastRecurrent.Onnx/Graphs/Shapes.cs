using System.Globalization;

namespace FastRecurrent.Onnx.Graphs;

/// <summary>Sizes of axes: products, text, strides and broadcasting.</summary>
internal static class Shapes
{
    /// <summary>The number of values, or null where there are too many, too many axes or a negative size.</summary>
    public static int? Count(ReadOnlySpan<int> shape)
    {
        if (shape.Length > OnnxTensor.MaxRank)
        {
            return null;
        }

        // A size of 0 makes the product 0 but excuses no absurd other size.
        long count = 1;
        bool isEmpty = false;
        foreach (int size in shape)
        {
            isEmpty |= size == 0;
            count *= Math.Max(1, size);
            if (size < 0 || count > Array.MaxLength)
            {
                return null;
            }
        }

        return isEmpty ? 0 : (int)count;
    }

    /// <summary>As in <c>[5, 3, 2]</c>.</summary>
    public static string Text(ReadOnlySpan<int> shape)
    {
        string[] sizes = new string[shape.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = shape[i].ToString(CultureInfo.InvariantCulture);
        }

        return $"[{string.Join(", ", sizes)}]";
    }

    /// <summary>The product of a range of sizes, which is part of a tensor's and so in range.</summary>
    public static int Product(ReadOnlySpan<int> shape)
    {
        int product = 1;
        foreach (int size in shape)
        {
            product *= size;
        }

        return product;
    }

    /// <summary>Values from one index of an axis to the next.</summary>
    public static int[] Strides(ReadOnlySpan<int> shape)
    {
        int[] strides = new int[shape.Length];
        int stride = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }

    /// <summary>The shape that two shapes broadcast to by NumPy's rule, or null where they do not fit.</summary>
    public static int[]? Broadcast(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        int[] result = new int[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= result.Length; i++)
        {
            int x = i <= a.Length ? a[^i] : 1;
            int y = i <= b.Length ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
            {
                return null;
            }

            result[^i] = x == 1 ? y : x;
        }

        return result;
    }

    /// <summary>The strides by which a tensor is read as one of the broadcast shape: 0 along every repeated axis.</summary>
    public static int[] BroadcastStrides(ReadOnlySpan<int> shape, ReadOnlySpan<int> result)
    {
        int[] own = Strides(shape);
        int[] strides = new int[result.Length];
        for (int i = 1; i <= shape.Length; i++)
        {
            strides[^i] = shape[^i] == 1 ? 0 : own[^i];
        }

        return strides;
    }
}
