using System.Reflection;
using System.Runtime.CompilerServices;

namespace FastRecurrent.Tests.Rooms;

/// <summary>
/// The ladder of docs/architecture.md, held on the sources: a room's code may name types of the rooms that it knows, and no
/// others. Names are enough: a type that is used without being named comes out of a member of a type that is known, and
/// that member's declaration names it.
/// </summary>
public class ArchitectureTests
{
    /// <summary>Every room with the rooms that it knows, beside itself.</summary>
    private static readonly Dictionary<string, string[]> Ladder = new()
    {
        ["Simd"] = [],
        ["Memory"] = [],
        ["Threading"] = [],
        ["Files"] = [],
        ["Cells"] = ["Simd"],
        ["Kernels"] = ["Simd", "Cells", "Memory", "Threading"],
        ["Layers"] = ["Simd", "Cells", "Kernels", "Memory", "Threading"],
        ["Models"] = ["Simd", "Cells", "Kernels", "Layers", "Memory", "Threading", "Files"],
        ["Training"] = ["Simd", "Cells", "Kernels", "Layers", "Memory", "Threading", "Files", "Models"],
        ["Forecasting"] = ["Simd", "Cells", "Kernels", "Layers", "Memory", "Threading", "Files", "Models", "Training"],
        ["Formats"] = ["Simd", "Cells", "Kernels", "Layers", "Memory", "Threading", "Files", "Models"],
    };

    /// <summary>
    /// Where a cell may be named: its own file, the builder's line, the reference, which writes every cell a second time, and the readers
    /// and writers of foreign files.
    /// </summary>
    private static readonly string[] MayNameCells = ["Cells/", "Models/ModelBuilder.cs", "Training/Reference/", "Formats/"];

    /// <summary>Where a vector width may be named: its own file and the one dispatch.</summary>
    private static readonly string[] MayNameWidths = ["Simd/", "Kernels/KernelFactory.cs"];

    private static readonly SourceFile[] Sources = SourceFile.All;

    [Fact]
    public void Every_source_file_lies_in_a_room_of_the_ladder()
    {
        Assert.NotEmpty(Sources);
        Assert.Empty(Sources.Where(file => !Ladder.ContainsKey(file.Room)).Select(file => $"{file.Path}: the ladder has no room '{file.Room}'"));
    }

    [Fact]
    public void Every_room_names_only_types_of_the_rooms_that_it_knows()
    {
        Assert.Empty(Violations(Sources));
    }

    [Fact]
    public void Every_room_uses_only_namespaces_of_the_rooms_that_it_knows()
    {
        Assert.Empty(
            from file in Sources
            from room in Ladder.Keys
            where room != file.Room && !Ladder[file.Room].Contains(room)
            where file.Code.Contains($"using FastRecurrent.{room};", StringComparison.Ordinal)
            select $"{file.Path} uses {room}, which {file.Room} must not know");
    }

    [Theory]
    [InlineData("Cells/Bad.cs", "namespace FastRecurrent; class Bad { Panel _panel; }", "Panel")]
    [InlineData("Simd/Bad.cs", "class Bad { object Get() => new LstmCell(3); }", "LstmCell")]
    [InlineData("Memory/Bad.cs", "class Bad { int _x = nameof(WorkerPool).Length; }", "WorkerPool")]
    [InlineData("Layers/Bad.cs", "class Bad { string S => $\"{nameof(Network)}\"; }", "Network")]
    [InlineData("Kernels/Bad.cs", "class Bad : RecurrentModel; ", "RecurrentModel")]
    public void A_name_from_a_room_above_is_found(string path, string code, string name)
    {
        string violation = Assert.Single(Violations([.. Sources, SourceFile.Parse(path, code)]));
        Assert.Contains(name, violation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("// Panel\nclass Good;")]
    [InlineData("/* Panel and\n Network */ class Good;")]
    [InlineData("/// <see cref=\"Panel\"/>\nclass Good { string S => \"Network // \\\" Panel\"; char C => '\"'; }")]
    [InlineData("class Good { SimdMath M; }")]
    public void A_name_in_a_comment_or_a_string_is_no_use_and_rooms_below_may_be_named(string code)
    {
        Assert.Empty(Violations([.. Sources, SourceFile.Parse("Cells/Good.cs", code)]));
    }

    [Fact]
    public void Intrinsics_are_named_in_Simd_alone()
    {
        Assert.Empty(Sources.Where(file => file.Room != "Simd" && file.Code.Contains("Runtime.Intrinsics", StringComparison.Ordinal)).Select(file => file.Path));
        Assert.Contains(Sources, file => file.Room == "Simd" && file.Code.Contains("Runtime.Intrinsics", StringComparison.Ordinal));
    }

    [Fact]
    public void No_loop_asks_which_cell_it_runs()
    {
        string[] cells = [.. Concrete(typeof(RecurrentCell)).Concat(Concrete(typeof(Cells.ICellUpdate)))];
        Assert.Contains(nameof(LstmCell), cells);
        Assert.Contains("GruBeforeUpdate", cells);
        Assert.Empty(NamedOutside(cells, MayNameCells));
    }

    [Fact]
    public void Vector_widths_are_named_in_the_one_dispatch_alone()
    {
        string[] widths = [.. Concrete(typeof(Simd.ISimdVector<>))];
        Assert.True(widths.Length >= 5);
        Assert.Empty(NamedOutside(widths, MayNameWidths));
    }

    [Fact]
    public void Types_of_the_inner_rooms_are_internal()
    {
        string[] inner = ["Simd", "Cells", "Kernels", "Layers", "Memory", "Threading", "Files", "Formats"];
        Assert.Empty(typeof(RecurrentModel).Assembly.GetExportedTypes()
            .Where(type => inner.Any(room => type.Namespace == $"FastRecurrent.{room}"))
            .Select(type => type.FullName));
    }

    [Fact]
    public void The_assembly_for_ONNX_knows_the_public_API_alone_and_no_package_but_protobuf()
    {
        Assembly onnx = typeof(OnnxModel).Assembly;
        Assert.Equal(
            ["FastRecurrent", "Google.Protobuf"],
            onnx.GetReferencedAssemblies().Select(name => name.Name!).Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(
            typeof(RecurrentModel).Assembly.GetCustomAttributes<InternalsVisibleToAttribute>(), friend => friend.AssemblyName.StartsWith(onnx.GetName().Name!, StringComparison.Ordinal));
        Assert.All(onnx.GetExportedTypes(), type => Assert.Equal("FastRecurrent", type.Namespace));
    }

    private static IEnumerable<string> Violations(IReadOnlyList<SourceFile> files)
    {
        Dictionary<string, string> rooms = [];
        foreach (SourceFile file in files)
        {
            foreach (string type in file.Declares)
            {
                rooms.TryAdd(type, file.Room);
            }
        }

        return
            from file in files
            from name in file.Names.Order(StringComparer.Ordinal)
            let room = rooms.GetValueOrDefault(name, file.Room)
            where room != file.Room && !Ladder[file.Room].Contains(room) && !file.Declares.Contains(name)
            select $"{file.Path} names {name} of {room}, which {file.Room} must not know";
    }

    private static IEnumerable<string> NamedOutside(string[] names, string[] allowed) =>
        from file in Sources
        where !allowed.Any(place => file.Path.StartsWith(place, StringComparison.Ordinal))
        from name in file.Names.Intersect(names)
        select $"{file.Path} names {name}";

    /// <summary>The names of the types that are a kind of this one and can be made.</summary>
    private static IEnumerable<string> Concrete(Type kind) => typeof(RecurrentModel).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && !type.IsInterface)
        .Where(type => kind.IsAssignableFrom(type) || type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == kind))
        .Select(type => type.Name.Split('`')[0]);
}
