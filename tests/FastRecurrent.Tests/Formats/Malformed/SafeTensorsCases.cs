namespace FastRecurrent.Tests.Formats.Malformed;

internal static class SafeTensorsCases
{
    private const string One = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    public static IEnumerable<MalformedFile> All =>
    [
        Case("empty file", () => [], "0 bytes", "8 bytes of header length"),
        Case("seven bytes", () => new byte[7], "7 bytes", "8 bytes of header length"),
        Case("header length zero", () => Make("", 8), "its length is 0", "at least 2"),
        Case("header length one", () => Make("{}", 0, 1), "its length is 1", "at least 2"),
        Case("header longer than the file", () => Make("{}", 0, 3), "its length is 3", "only 2 bytes follow"),
        Case("header length beyond every file", () => Make("{}", 0, ulong.MaxValue), "18446744073709551615"),
        Case("header beyond the limit", () => Make("{" + new string(' ', 1 << 24) + "}"), "16777218", "HeaderBytes"),
        Case("header begins with a space", () => Make(" {}"), "does not begin with '{'"),
        Case("header is a list", () => Make("[1]"), "does not begin with '{'"),
        Case("header is cut off", () => Make("""{"a":{"dtype":"""), "header", "cannot be read"),
        Case("header has text behind the object", () => Make("{} x"), "cannot be read"),
        Case("header has a comment", () => Make("{/* */}"), "cannot be read"),
        Case("header is no UTF-8", () => Raw(Make("{\"?\":1}"), 10, 0xFF), "no UTF-8"),
        Case("header nests too deep", () => Make("{\"a\":" + new string('[', 20) + new string(']', 20) + "}"), "depth"),
        Case("tensor is there twice", () => Make(One[..^1] + "," + One[1..], 8), "uplicate"),
        Case("metadata is there twice", () => Make("""{"__metadata__":{},"__metadata__":{}}"""), "uplicate"),
        Case("metadata is no object", () => Make("""{"__metadata__":[]}"""), "__metadata__", "a list", "an object"),
        Case("metadata holds a number", () => Make("""{"__metadata__":{"a":1}}"""), "__metadata__.a", "found 1", "text"),
        Case("metadata has a lone surrogate", () => Make("""{"__metadata__":{"a":"\ud800"}}"""), "__metadata__.a", "surrogate"),
        Case("tensor is a number", () => Make("""{"a":3}"""), "a", "found 3", "an object"),
        Case("tensor has an unknown member", () => Make(One.Replace("\"shape\"", "\"stride\":[1],\"shape\"", StringComparison.Ordinal), 8), "'stride' is unknown"),
        Case("dtype is missing", () => Make("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8), "'dtype' is missing"),
        Case("dtype is unknown", () => Make(One.Replace("F32", "F31", StringComparison.Ordinal), 8), "a.dtype", "\"F31\"", "F32"),
        Case("dtype is a number", () => Make(One.Replace("\"F32\"", "32", StringComparison.Ordinal), 8), "a.dtype", "found 32"),
        Case("shape is missing", () => Make("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", 8), "'shape' is missing"),
        Case("shape is no list", () => Make(One.Replace("[2]", "2", StringComparison.Ordinal), 8), "a.shape", "a list"),
        Case("an axis is negative", () => Make(One.Replace("[2]", "[-2]", StringComparison.Ordinal), 8), "a.shape[0]", "found -2"),
        Case("an axis is no whole number", () => Make(One.Replace("[2]", "[2.0]", StringComparison.Ordinal), 8), "a.shape[0]", "found 2.0"),
        Case("nine axes", () => Make(One.Replace("[2]", "[2,1,1,1,1,1,1,1,1]", StringComparison.Ordinal), 8), "9 axes", "Rank"),
        Case("axes whose product overflows", () => Make(One.Replace("[2]", "[2147483647,2147483647,2147483647,8]", StringComparison.Ordinal), 8), "more values than memory"),
        Case("shape and bytes differ", () => Make(One.Replace("[2]", "[3]", StringComparison.Ordinal), 8), "[3]", "8 bytes"),
        Case("type and bytes differ", () => Make(One.Replace("F32", "F64", StringComparison.Ordinal), 8), "F64 [2]", "8 bytes"),
        Case("offsets are missing", () => Make("""{"a":{"dtype":"F32","shape":[2]}}""", 8), "'data_offsets' is missing"),
        Case("one offset", () => Make(One.Replace("[0,8]", "[0]", StringComparison.Ordinal), 8), "a.data_offsets", "[begin, end]"),
        Case("three offsets", () => Make(One.Replace("[0,8]", "[0,4,8]", StringComparison.Ordinal), 8), "a.data_offsets", "[begin, end]"),
        Case("offsets in the wrong order", () => Make(One.Replace("[0,8]", "[8,0]", StringComparison.Ordinal), 8), "[8, 0]", "begin <= end"),
        Case("negative offset", () => Make(One.Replace("[0,8]", "[-8,0]", StringComparison.Ordinal), 8), "found -8"),
        Case("offset beyond 64 bits", () => Make(One.Replace("8]}", "99999999999999999999]}", StringComparison.Ordinal), 8), "99999999999999999999"),
        Case("values end behind the file", () => Make(One, 4), "a", "end at byte 8", "4 bytes"),
        Case("bytes behind the last tensor", () => Make(One, 9), "1 bytes", "belong to none"),
        Case("values without a tensor", () => Make("{}", 4), "4 bytes", "belong to none"),
        Case("a gap between tensors", () => Make(Two(12, 20), 20), "b", "begin at byte 12", "gap"),
        Case("tensors overlap", () => Make(Two(4, 12), 12), "b", "begin at byte 4", "overlap"),
        Case("two tensors in the same place", () => Make(Two(0, 8), 8), "begin at byte 0", "overlap"),
        Case("an integer tensor is read", () => Make(One.Replace("F32", "I32", StringComparison.Ordinal), 8), "a", "I32", "F32, F64, F16 or BF16"),
    ];

    private static string Two(int begin, int end) => $"{One[..^1]},\"b\":{{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[{begin},{end}]}}}}";

    private static byte[] Make(string header, int valueBytes = 0, ulong? length = null) => MalformedFile.SafeTensors(header, valueBytes, length);

    private static byte[] Raw(byte[] file, int at, byte value)
    {
        file[at] = value;
        return file;
    }

    private static MalformedFile Case(string name, Func<byte[]> bytes, params string[] words) => new("safetensors: " + name, bytes, Readers.SafeTensorsFile, words);
}
