using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace FastRecurrent.Formats;

/// <summary>
/// A value in a JSON file that knows where it stands, so that what is wrong with it can be said in a sentence. Everything is strict:
/// a member is there once, has the wanted kind and lies in its range.
/// </summary>
internal readonly struct JsonItem(string file, string path, JsonElement element)
{
    public string File => file;

    /// <summary>The place in the file, for example <c>layers[2].weights[0]</c>; empty for the root.</summary>
    public string Path => path;

    public bool IsNull => element.ValueKind == JsonValueKind.Null;

    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    public bool IsArray => element.ValueKind == JsonValueKind.Array;

    public bool IsNumber => element.ValueKind == JsonValueKind.Number;

    public bool IsText => element.ValueKind == JsonValueKind.String;

    public int Count => Wanted(JsonValueKind.Array, "a list").GetArrayLength();

    /// <summary>The items of a list.</summary>
    public IEnumerable<JsonItem> Items
    {
        get
        {
            (string name, string place) = (file, path);
            return Wanted(JsonValueKind.Array, "a list").EnumerateArray().Select((item, i) => new JsonItem(name, $"{place}[{i}]", item));
        }
    }

    /// <summary>The members of an object.</summary>
    public List<(string Name, JsonItem Value)> Members
    {
        get
        {
            List<(string, JsonItem)> members = [];
            try
            {
                foreach (JsonProperty member in Wanted(JsonValueKind.Object, "an object").EnumerateObject())
                {
                    members.Add((member.Name, new JsonItem(file, Below(member.Name), member.Value)));
                }
            }
            catch (InvalidOperationException error)
            {
                throw new ModelFormatException(file, path, "a member's name is no text (a lone surrogate).", error);
            }

            return members;
        }
    }

    /// <summary>A member that must be there.</summary>
    public JsonItem this[string name] =>
        Find(name) ?? throw new ModelFormatException(file, path, $"the member '{name}' is missing.");

    /// <summary>A member, or null where there is none.</summary>
    public JsonItem? Find(string name)
    {
        try
        {
            return Wanted(JsonValueKind.Object, "an object").TryGetProperty(name, out JsonElement member) ? new JsonItem(file, Below(name), member) : null;
        }
        catch (InvalidOperationException error)
        {
            throw new ModelFormatException(file, path, "a member's name is no text (a lone surrogate).", error);
        }
    }

    /// <summary>Parses a whole file; the document must live as long as its items.</summary>
    public static JsonDocument Parse(string file, string path, ReadOnlyMemory<byte> utf8, ImportLimits limits)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (utf8.Span.StartsWith(byteOrderMark))
        {
            utf8 = utf8[byteOrderMark.Length..];
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            throw new ModelFormatException(file, path, "the JSON is no UTF-8.");
        }

        try
        {
            return JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = limits.JsonDepth, AllowDuplicateProperties = false });
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException(file, path, $"the JSON cannot be read: {error.Message}", error);
        }
    }

    public string Text()
    {
        try
        {
            return Wanted(JsonValueKind.String, "text").GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new ModelFormatException(file, path, "the text has a lone surrogate.", error);
        }
    }

    public bool Flag() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("true or false"),
    };

    public int Whole(int min, int max = int.MaxValue) =>
        IsNumber && element.TryGetInt32(out int value) && value >= min && value <= max ? value : throw Wrong($"a whole number from {min} to {max}");

    public long Long(long min, long max) =>
        IsNumber && element.TryGetInt64(out long value) && value >= min && value <= max ? value : throw Wrong($"a whole number from {min} to {max}");

    public float Number() => IsNumber && element.TryGetSingle(out float value) && float.IsFinite(value) ? value : throw Wrong("a finite number");

    /// <summary>A list of numbers, as many as wanted, or any number of them for null.</summary>
    public float[] Vector(int? wanted = null)
    {
        int count = Count;
        if (wanted is { } length && count != length)
        {
            throw new ModelFormatException(file, path, $"the list has {count} values; wanted {length}.");
        }

        float[] values = new float[count];
        int next = 0;
        foreach (JsonElement item in element.EnumerateArray())
        {
            values[next] = new JsonItem(file, path, item).NumberAt(next);
            next++;
        }

        return values;
    }

    /// <summary>A list of equally long lists of numbers.</summary>
    public Tensor Matrix()
    {
        int rows = Count;
        int columns = rows == 0 ? 0 : Items.First().Count;
        List<float> values = [];
        foreach (JsonItem row in Items)
        {
            values.AddRange(row.Vector(columns));
        }

        return new Tensor([rows, columns], [.. values]);
    }

    /// <summary>A list of numbers, or a list of equally long lists of them.</summary>
    public Tensor VectorOrMatrix()
    {
        if (Count > 0 && Items.First().IsArray)
        {
            return Matrix();
        }

        float[] values = Vector();
        return new Tensor([values.Length], values);
    }

    /// <summary>Refuses members that nobody asked for.</summary>
    public void AllowOnly(params ReadOnlySpan<string> names)
    {
        foreach ((string name, _) in Members)
        {
            if (!names.Contains(name))
            {
                throw new ModelFormatException(file, path, $"the member '{name}' is unknown; known are {string.Join(", ", names.ToArray())}.");
            }
        }
    }

    /// <summary>
    /// The names of members that nobody asked for, which are passed over: names, notes, records of a training. A list among them is values
    /// that somebody meant to be computed with, and refused.
    /// </summary>
    public ImmutableArray<string> Beside(params ReadOnlySpan<string> known)
    {
        List<string> names = [];
        foreach ((string name, JsonItem member) in Members)
        {
            if (known.Contains(name))
            {
                continue;
            }

            names.Add(member.IsArray ? throw new ModelFormatException(file, member.Path, "nothing wants this list of values.") : name);
        }

        return [.. names];
    }

    public ModelFormatException Wrong(string wanted) => new(file, path, $"found {Short(element)}, wanted {wanted}.");

    private static string Short(JsonElement found)
    {
        const int Longest = 40;
        string text = found.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            _ => found.GetRawText(),
        };
        return text.Length > Longest ? string.Concat(text.AsSpan(0, Longest), "...") : text;
    }

    private float NumberAt(int index) =>
        IsNumber && element.TryGetSingle(out float value) && float.IsFinite(value)
            ? value
            : throw new ModelFormatException(file, $"{path}[{index}]", $"found {Short(element)}, wanted a finite number.");

    private JsonElement Wanted(JsonValueKind kind, string wanted) => element.ValueKind == kind ? element : throw Wrong(wanted);

    private string Below(string name) => path.Length == 0 ? name : $"{path}.{name}";
}
