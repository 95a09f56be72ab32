namespace FastRecurrent.Formats;

/// <summary>
/// In which order a format keeps the row blocks of its gates, in this engine's letters: LSTM i, f, g, o (g is what ONNX and Keras
/// call c); GRU r, z, n (n is what ONNX and Keras call h); peepholes i, f, o. The one table of these orders in the library.
/// Sources: the operator specification of ONNX; the documentation of torch.nn.LSTM and torch.nn.GRU; Keras's LSTMCell and GRUCell.
/// </summary>
internal sealed record GateOrder(string Lstm, string Gru, string Peepholes)
{
    public static readonly GateOrder Engine = new(Lstm: "ifgo", Gru: "rzn", Peepholes: "ifo");
    public static readonly GateOrder PyTorch = new(Lstm: "ifgo", Gru: "rzn", Peepholes: "");
    public static readonly GateOrder Keras = new(Lstm: "ifgo", Gru: "zrn", Peepholes: "");
    public static readonly GateOrder Onnx = new(Lstm: "iofg", Gru: "zrn", Peepholes: "iof");

    /// <summary>Whether this format keeps a cell's gates as the engine does, so that nothing moves.</summary>
    public bool IsEngine(RecurrentCell cell) =>
        cell is GruCell or LayerNormGruCell ? Gru == Engine.Gru : cell is not (LstmCell or LayerNormLstmCell) || Lstm == Engine.Lstm;

    /// <summary>Gate rows of this format, [G*H, columns], or a bias [G*H], in this engine's order.</summary>
    public float[] ToEngine(RecurrentCell cell, ReadOnlySpan<float> rows) => Move(cell, rows, this, Engine);

    /// <summary>Gate rows of this engine, [G*H, columns], or a bias [G*H], in this format's order.</summary>
    public float[] FromEngine(RecurrentCell cell, ReadOnlySpan<float> rows) => Move(cell, rows, Engine, this);

    /// <summary>Peephole rows [3, H] of this format in this engine's order.</summary>
    public float[] PeepholesToEngine(ReadOnlySpan<float> rows) => Reorder(rows, Peepholes, Engine.Peepholes);

    /// <summary>Peephole rows [3, H] of this engine in this format's order.</summary>
    public float[] PeepholesFromEngine(ReadOnlySpan<float> rows) => Reorder(rows, Engine.Peepholes, Peepholes);

    private static float[] Move(RecurrentCell cell, ReadOnlySpan<float> rows, GateOrder from, GateOrder to) => cell switch
    {
        LstmCell or LayerNormLstmCell => Reorder(rows, from.Lstm, to.Lstm),
        GruCell or LayerNormGruCell => Reorder(rows, from.Gru, to.Gru),
        _ => rows.ToArray(),
    };

    private static float[] Reorder(ReadOnlySpan<float> rows, string from, string to)
    {
        int block = rows.Length / from.Length;
        float[] moved = new float[rows.Length];
        for (int gate = 0; gate < to.Length; gate++)
        {
            rows.Slice(from.IndexOf(to[gate], StringComparison.Ordinal) * block, block).CopyTo(moved.AsSpan(gate * block));
        }

        return moved;
    }
}
