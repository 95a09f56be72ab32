namespace FastRecurrent.Onnx.Operators;

/// <summary>
/// Where each of the engine's gate blocks stands among ONNX's: LSTM i, f, g, o in i, o, f, c; GRU r, z, n in z, r, h; peepholes i, f, o
/// in i, o, f. A coupled LSTM has no f here, and blocks of f there that nobody reads. The only place that knows these orders.
/// </summary>
internal static class GateBlocks
{
    private static readonly int[] Lstm = [0, 2, 3, 1];
    private static readonly int[] CoupledLstm = [0, 3, 1];
    private static readonly int[] Gru = [1, 0, 2];
    private static readonly int[] Rnn = [0];
    private static readonly int[] Peepholes = [0, 2, 1];
    private static readonly int[] CoupledPeepholes = [0, 1];

    /// <summary>ONNX's number of gate blocks.</summary>
    public static int Count(RecurrentCell cell) => cell is LstmCell ? 4 : cell.GateCount;

    /// <summary>Gate blocks from ONNX's order to the engine's.</summary>
    public static void ToEngine(RecurrentCell cell, ReadOnlySpan<float> from, Span<float> to) => Gather(Order(cell), from, to, Count(cell));

    /// <summary>Gate blocks from the engine's order to ONNX's; blocks that the engine has not stay 0.</summary>
    public static void FromEngine(RecurrentCell cell, ReadOnlySpan<float> from, Span<float> to) => Scatter(Order(cell), from, to, Count(cell));

    public static void PeepholesToEngine(LstmCell cell, ReadOnlySpan<float> from, Span<float> to) => Gather(PeepholeOrder(cell), from, to, blocks: 3);

    public static void PeepholesFromEngine(LstmCell cell, ReadOnlySpan<float> from, Span<float> to) => Scatter(PeepholeOrder(cell), from, to, blocks: 3);

    private static int[] Order(RecurrentCell cell) => cell switch
    {
        LstmCell { CoupledInputForget: true } => CoupledLstm,
        LstmCell => Lstm,
        GruCell => Gru,
        _ => Rnn,
    };

    private static int[] PeepholeOrder(LstmCell cell) => cell.CoupledInputForget ? CoupledPeepholes : Peepholes;

    private static void Gather(int[] order, ReadOnlySpan<float> from, Span<float> to, int blocks)
    {
        int size = from.Length / blocks;
        for (int block = 0; block < order.Length; block++)
        {
            from.Slice(order[block] * size, size).CopyTo(to[(block * size)..]);
        }
    }

    private static void Scatter(int[] order, ReadOnlySpan<float> from, Span<float> to, int blocks)
    {
        int size = to.Length / blocks;
        for (int block = 0; block < order.Length; block++)
        {
            from.Slice(block * size, size).CopyTo(to[(order[block] * size)..]);
        }
    }
}
