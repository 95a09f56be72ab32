namespace FastRecurrent.Tests.Goldens;

/// <summary>
/// In which order each format keeps the row blocks of its gates, in FastRecurrent's letters: LSTM i, f, g, o (g is what ONNX
/// and Keras call c); GRU r, z, n (n is what ONNX and Keras call h). The only place where the tests know these orders.
/// </summary>
internal sealed record GateOrders(string Lstm, string Gru, string Peepholes)
{
    public static readonly GateOrders FastRecurrent = new(Lstm: "ifgo", Gru: "rzn", Peepholes: "ifo");
    public static readonly GateOrders Onnx = new(Lstm: "iofg", Gru: "zrn", Peepholes: "iof");
    public static readonly GateOrders Keras = new(Lstm: "ifgo", Gru: "zrn", Peepholes: "");
    public static readonly GateOrders PyTorch = new(Lstm: "ifgo", Gru: "rzn", Peepholes: "");

    /// <summary>Gate rows [G*H, columns], or a bias [G*H], from this format's order to FastRecurrent's.</summary>
    public float[] Translate(RecurrentCell cell, float[] rows) => cell switch
    {
        LstmCell => Reorder(rows, Lstm, FastRecurrent.Lstm),
        GruCell => Reorder(rows, Gru, FastRecurrent.Gru),
        _ => rows,
    };

    /// <summary>Peephole weights [3*H].</summary>
    public float[] TranslatePeepholes(float[] rows) => Reorder(rows, Peepholes, FastRecurrent.Peepholes);

    private static float[] Reorder(float[] rows, string theirs, string ours)
    {
        int block = rows.Length / theirs.Length;
        return [.. ours.SelectMany(gate => rows.AsSpan(theirs.IndexOf(gate) * block, block).ToArray())];
    }
}
