using System.Text.Json;

namespace FastRecurrent.Tests.Goldens;

/// <summary>Where the recorded numbers lie and how their JSON is read.</summary>
internal static class GoldenData
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>A file or folder of Goldens/Data, by its parts.</summary>
    public static string PathOf(params string[] parts) =>
        Path.Combine([Repository.Root, "tests", "FastRecurrent.Tests", "Goldens", "Data", .. parts]);

    /// <summary>One JSON file, strictly.</summary>
    public static T Read<T>(string path) =>
        JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json) ?? throw new InvalidDataException($"{path} holds null.");

    /// <summary>A file of many cases, by name.</summary>
    public static Dictionary<string, T> ReadCases<T>(string file)
        where T : INamed =>
        Read<CaseFile<T>>(PathOf(file)).Cases.ToDictionary(golden => golden.Name);

    private sealed record CaseFile<T>(T[] Cases);
}

/// <summary>A recorded case as its file has it.</summary>
internal interface INamed
{
    string Name { get; }
}

/// <summary>A recorded tensor, row-major.</summary>
internal sealed record GoldenTensor(int[] Shape, float[] Data)
{
    /// <summary>[rows, columns] to [columns, rows].</summary>
    public float[] Transposed()
    {
        (int rows, int columns) = (Shape[0], Shape[1]);
        float[] result = new float[Data.Length];
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                result[(column * rows) + row] = Data[(row * columns) + column];
        return result;
    }

    /// <summary>The part at <paramref name="index"/> of the first axis.</summary>
    public float[] Part(int index)
    {
        int size = Data.Length / Shape[0];
        return Data[(index * size)..((index + 1) * size)];
    }
}
