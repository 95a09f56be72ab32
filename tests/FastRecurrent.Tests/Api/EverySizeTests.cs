using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Api;

/// <summary>
/// Sizes around every multiple of every vector: the last panel is narrower than the others there, by units, by vectors, or by
/// units in as many vectors, and one row takes other paths through them than many rows do.
/// </summary>
public class EverySizeTests
{
    private static readonly Dictionary<string, Func<int, RecurrentCell>> Cells = new()
    {
        ["LSTM"] = hidden => new LstmCell(hidden),
        ["GRU, reset after"] = hidden => new GruCell(hidden),
        ["GRU, reset before"] = hidden => new GruCell(hidden) { ResetAfter = false },
        ["SimpleRNN"] = hidden => new SimpleRnnCell(hidden),
        ["projected LSTM"] = hidden => new LstmCell(hidden) { ProjectionSize = (hidden / 2) + 1 },
        ["normalized LSTM"] = hidden => new LayerNormLstmCell(hidden),
        ["normalized GRU"] = hidden => new LayerNormGruCell(hidden),
    };

    public static TheoryData<string, KernelSet> Cases
    {
        get
        {
            TheoryData<string, KernelSet> cases = [];
            foreach (string cell in Cells.Keys)
            {
                foreach (KernelSet set in Enum.GetValues<KernelSet>())
                {
                    cases.Add(cell, set);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_row_alone_stepped_or_as_a_sequence_equals_the_same_row_in_a_batch_of_sequences_on_every_kernel_set(string cell, KernelSet set)
    {
        const int T = 3, N = 5;
        List<string> different = [];
        foreach (int I in new[] { 1, 6 })
        {
            for (int hidden = 1; hidden <= 70; hidden += hidden < 40 ? 1 : 3)
            {
                ModelDefinition definition = new ModelBuilder(I).Recurrent(Cells[cell](hidden)).Build();
                RecurrentModel model = new(definition, Parameters(definition), set);
                float[] x = Noise(T * N * I, seed: hidden);
                float[] y = Forward(model, x, T, N);
                int O = definition.OutputSize;

                // The last row: the one at the edge of a tile.
                float[] alone = [.. Enumerable.Range(0, T).SelectMany(t => x[(((t * N) + N - 1) * I)..((t + 1) * N * I)])];
                int[] expected = [.. Enumerable.Range(0, T).SelectMany(t => Bits(y.AsSpan(((t * N) + N - 1) * O, O)))];
                using StreamingSession session = model.CreateSession();
                if (!Bits(Step(session, alone)).SequenceEqual(expected))
                {
                    different.Add($"I = {I}, H = {hidden}, stepped");
                }

                if (!Bits(Forward(model, alone, T, 1)).SequenceEqual(expected))
                {
                    different.Add($"I = {I}, H = {hidden}, as a sequence");
                }
            }
        }

        Assert.Empty(different);
    }
}
