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
    public void A_row_stepped_alone_equals_the_same_row_in_a_batch_of_sequences_on_every_kernel_set(string cell, KernelSet set)
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
                using StreamingSession session = model.CreateSession();
                int O = definition.OutputSize;
                for (int t = 0; t < T; t++)
                {
                    // The last row: the one at the edge of a tile.
                    float[] step = Step(session, x[(((t * N) + N - 1) * I)..((t + 1) * N * I)]);
                    if (!Bits(step).SequenceEqual(Bits(y.AsSpan(((t * N) + N - 1) * O, O))))
                    {
                        different.Add($"I = {I}, H = {hidden}, step {t}");
                    }
                }
            }
        }

        Assert.Empty(different);
    }
}
