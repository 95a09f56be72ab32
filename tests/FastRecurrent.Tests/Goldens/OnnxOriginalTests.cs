using System.Runtime.InteropServices;
using Google.Protobuf;

namespace FastRecurrent.Tests.Goldens;

/// <summary>The node tests' JSON against the protobuf files that it was made from.</summary>
public class OnnxOriginalTests
{
    private const string Folder = "goldens/shared-only/onnx_node";

    public static TheoryData<string> Nodes => OnnxGoldenTests.Nodes;

    [SharedTheory(Folder)]
    [MemberData(nameof(Nodes))]
    public void The_json_of_an_onnx_node_test_holds_the_values_of_its_protobuf_files(string name)
    {
        OnnxCase json = OnnxGoldens.Nodes[name];
        string folder = Path.Combine(Repository.Shared!, Folder, name, "test_data_set_0");
        Dictionary<string, GoldenTensor> originals = Directory.EnumerateFiles(folder, "*.pb").Select(ReadTensor).ToDictionary();
        Dictionary<string, GoldenTensor> recorded = json.Inputs.Concat(json.Outputs).ToDictionary();
        Assert.Equal(originals.Keys.Order(), recorded.Keys.Order());
        foreach ((string tensor, GoldenTensor original) in originals)
        {
            Assert.Equal(original.Shape, recorded[tensor].Shape);
            Assert.Equal(original.Data, recorded[tensor].Data);
        }
    }

    // ONNX's TensorProto: dims = 1, data_type = 2 (1 float32, 6 int32), name = 8, raw_data = 9.
    private static KeyValuePair<string, GoldenTensor> ReadTensor(string path)
    {
        List<int> shape = [];
        (string name, int type, byte[] raw) = (string.Empty, 0, []);
        CodedInputStream input = new(File.ReadAllBytes(path));
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1: shape.Add((int)input.ReadInt64()); break;
                case 2: type = input.ReadInt32(); break;
                case 8: name = input.ReadString(); break;
                case 9: raw = input.ReadBytes().ToByteArray(); break;
                default: throw new InvalidDataException($"{path}: unknown field {WireFormat.GetTagFieldNumber(tag)}.");
            }
        }

        float[] data = type switch
        {
            1 => MemoryMarshal.Cast<byte, float>(raw).ToArray(),
            6 => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(raw).ToArray(), value => (float)value),
            _ => throw new InvalidDataException($"{path}: unknown data type {type}."),
        };
        return new(name, new GoldenTensor([.. shape], data));
    }
}
