using System.Text.RegularExpressions;

namespace FastRecurrent.Tests.Codegen;

/// <summary>One instruction of a listing, with the label that stands before it, if one does.</summary>
internal sealed record Instruction(string Label, string Text)
{
    public bool IsCall => Text.StartsWith("call", StringComparison.Ordinal);

    public bool IsFusedMultiplyAdd => Text.StartsWith("vfmadd", StringComparison.Ordinal);

    /// <summary>Reads or writes the stack: in a loop, a value that found no register.</summary>
    public bool TouchesStack => Text.Contains("[rsp", StringComparison.Ordinal) || Text.Contains("[rbp", StringComparison.Ordinal);

    /// <summary>The label that a jump goes to, else empty.</summary>
    public string Target => Text[0] == 'j' ? Text.Split(' ')[^1] : "";
}

/// <summary>A method of a listing that the runtime wrote with DOTNET_JitDisasm.</summary>
internal sealed partial record MachineCode(string Method, Instruction[] Instructions)
{
    /// <summary>The loops that have no loop inside: from a label to the last jump back to it.</summary>
    public IReadOnlyList<Instruction[]> InnermostLoops
    {
        get
        {
            List<(int Start, int End)> loops = [];
            for (int i = 0; i < Instructions.Length; i++)
            {
                int start = Instructions[i].Target is { Length: > 0 } target ? Array.FindIndex(Instructions, 0, i + 1, one => one.Label == target) : -1;
                if (start >= 0)
                {
                    loops.RemoveAll(loop => loop.Start == start);
                    loops.Add((start, i));
                }
            }

            return
            [
                .. loops.Where(outer => !loops.Exists(inner => inner != outer && inner.Start >= outer.Start && inner.End <= outer.End))
                    .Select(loop => Instructions[loop.Start..(loop.End + 1)]),
            ];
        }
    }

    /// <summary>The methods of a listing, by their full names without parameters.</summary>
    public static IReadOnlyList<MachineCode> Read(string listing)
    {
        List<MachineCode> methods = [];
        List<Instruction> instructions = [];
        string method = "", label = "";
        foreach (string line in listing.Split('\n').Append("; Assembly listing for method end("))
        {
            if (Header().Match(line) is { Success: true } header)
            {
                if (instructions.Count > 0)
                {
                    methods.Add(new MachineCode(method, [.. instructions]));
                }

                instructions.Clear();
                (method, label) = (header.Groups[1].Value, "");
            }
            else if (Label().Match(line) is { Success: true } name)
            {
                label = name.Groups[1].Value;
            }
            else if (line.StartsWith("       ", StringComparison.Ordinal) && line.Trim() is { Length: > 0 } text && !text.StartsWith("align", StringComparison.Ordinal))
            {
                instructions.Add(new Instruction(label, text));
                label = "";
            }
        }

        return methods;
    }

    [GeneratedRegex(@"^; Assembly listing for method ([^(]+)\(")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(G_M\w+):")]
    private static partial Regex Label();
}
