namespace FastRecurrent.Onnx.Export;

/// <summary>
/// One step of a cell as nodes: x [N, I], h [N, R] and c [N, H] to the next h and c. The equations are those of each cell's
/// documentation; a weight W [G*H, I] is stored transposed, so that its product is a MatMul.
/// </summary>
/// <param name="graph">Where the nodes go.</param>
/// <param name="parameter">Stores a parameter of the direction and gives its name; matrices of products are transposed.</param>
/// <param name="cell">The cell.</param>
internal sealed class CellBody(GraphBuilder graph, Func<string, string> parameter, RecurrentCell cell)
{
    private int H => cell.HiddenSize;

    public (string Hidden, string? Cell) Step(string x, string h, string? c) => cell switch
    {
        LstmCell lstm => Lstm(lstm, x, h, c!),
        LayerNormLstmCell lstm => LayerNormLstm(lstm, x, h, c!),
        GruCell { ResetAfter: true } gru => (Gru(gru.GateActivation, gru.CandidateActivation, InputProduct(x), RecurrentProduct(h), h), null),
        GruCell gru => (GruBefore(gru, x, h), null),
        LayerNormGruCell gru => (
            Gru(Activation.Sigmoid, Activation.Tanh, Normed(gru, InputProduct(x, bias: false), "ih"), Normed(gru, RecurrentProduct(h, bias: false), "hh"), h), null),
        SimpleRnnCell rnn => (Activate(rnn.Activation, graph.Add(InputProduct(x), RecurrentProduct(h))), null),
        _ => throw new ArgumentException($"A {cell.GetType().Name} cannot be written as ONNX: its equations have no nodes here.", nameof(x)),
    };

    private (string Hidden, string Cell) Lstm(LstmCell lstm, string x, string h, string c)
    {
        string[] gates = Split(graph.Add(InputProduct(x), RecurrentProduct(h)), lstm.GateCount);
        string? peephole = lstm.Peepholes ? parameter("peephole") : null;
        int last = lstm.GateCount - 1;
        string i = Activate(lstm.GateActivation, See(gates[0], 0, c));
        string f = lstm.CoupledInputForget ? graph.Node("Sub", [graph.Float(1), i]) : Activate(lstm.GateActivation, See(gates[1], 1, c));
        string g = Activate(lstm.CandidateActivation, gates[last - 1]);
        string next = graph.Add(graph.Multiply(f, c), graph.Multiply(i, g));
        next = Clip(next, lstm.CellClip);
        string o = Activate(lstm.GateActivation, See(gates[last], last - 1, next));
        string m = graph.Multiply(o, Activate(lstm.OutputActivation, next));
        return (lstm.ProjectionSize > 0 ? graph.Node("MatMul", [m, parameter("weight_hr")]) : m, next);

        // Adds p * c, where p is a row of the peepholes.
        string See(string gate, int row, string state) => peephole is null
            ? gate
            : graph.Add(gate, graph.Multiply(graph.Node("Gather", [peephole, graph.Integer(row)], Attribute.Int("axis", 0)), state));
    }

    private (string Hidden, string Cell) LayerNormLstm(LayerNormLstmCell lstm, string x, string h, string c)
    {
        string input = Biased(
            Functions.LayerNorm(graph, InputProduct(x, bias: false), parameter("norm_ih_weight"), parameter("norm_ih_bias"), lstm.Epsilon),
            "bias_ih");
        string recurrent = Biased(
            Functions.LayerNorm(graph, RecurrentProduct(h, bias: false), parameter("norm_hh_weight"), parameter("norm_hh_bias"), lstm.Epsilon),
            "bias_hh");
        string[] gates = Split(graph.Add(input, recurrent), lstm.GateCount);
        string i = Activate(Activation.Sigmoid, gates[0]), f = Activate(Activation.Sigmoid, gates[1]), g = Activate(Activation.Tanh, gates[2]);
        string next = graph.Add(graph.Multiply(f, c), graph.Multiply(i, g));
        string normed = Functions.LayerNorm(graph, next, parameter("norm_c_weight"), parameter("norm_c_bias"), lstm.Epsilon);
        return (graph.Multiply(Activate(Activation.Sigmoid, gates[3]), Activate(Activation.Tanh, normed)), next);
    }

    /// <summary>Reset after: n = candidate(a_n + r * b_n) with a from x and b from h.</summary>
    private string Gru(Activation gate, Activation candidate, string input, string recurrent, string h)
    {
        string[] a = Split(input, 3), b = Split(recurrent, 3);
        string r = Activate(gate, graph.Add(a[0], b[0])), z = Activate(gate, graph.Add(a[1], b[1]));
        string n = Activate(candidate, graph.Add(a[2], graph.Multiply(r, b[2])));
        return Blend(z, h, n);
    }

    /// <summary>Reset before: n = candidate(a_n + U_n (r * h)).</summary>
    private string GruBefore(GruCell gru, string x, string h)
    {
        string[] weight = graph.Split(parameter("weight_hh"), 1, 2L * H, H);
        string[] a = Split(Biased(InputProduct(x), "bias_hh"), 3), b = Split(graph.Node("MatMul", [h, weight[0]]), 2);
        string r = Activate(gru.GateActivation, graph.Add(a[0], b[0])), z = Activate(gru.GateActivation, graph.Add(a[1], b[1]));
        string n = Activate(gru.CandidateActivation, graph.Add(a[2], graph.Node("MatMul", [graph.Multiply(r, h), weight[1]])));
        return Blend(z, h, n);
    }

    /// <summary>n + z * (h - n).</summary>
    private string Blend(string z, string h, string n) => graph.Add(n, graph.Multiply(z, graph.Node("Sub", [h, n])));

    /// <summary>A layer-normalized GRU's product: one norm over r and z together, one over n; then the bias.</summary>
    private string Normed(LayerNormGruCell gru, string product, string side)
    {
        long[] sizes = [2L * H, H];
        string[] parts = graph.Split(product, -1, sizes);
        string[] scale = graph.Split(parameter($"norm_{side}_weight"), 0, sizes), bias = graph.Split(parameter($"norm_{side}_bias"), 0, sizes);
        string[] normed = [.. parts.Select((part, i) => Functions.LayerNorm(graph, part, scale[i], bias[i], gru.Epsilon))];
        return Biased(graph.Node("Concat", normed, Attribute.Int("axis", -1)), $"bias_{side}");
    }

    private string InputProduct(string x, bool bias = true) => Product(x, "ih", bias);

    private string RecurrentProduct(string h, bool bias = true) => Product(h, "hh", bias);

    private string Product(string x, string side, bool bias)
    {
        string product = graph.Node("MatMul", [x, parameter($"weight_{side}")]);
        return bias ? Biased(product, $"bias_{side}") : product;
    }

    private string Biased(string x, string bias) => cell.Bias ? graph.Add(x, parameter(bias)) : x;

    private string[] Split(string gates, int count) => graph.Split(gates, -1, [.. Enumerable.Repeat((long)H, count)]);

    private string Activate(Activation function, string x) => Functions.Activation(graph, Clip(x, cell.GateClip), function);

    private string Clip(string x, float limit) => limit > 0 ? graph.Node("Clip", [x, graph.Float(-limit), graph.Float(limit)]) : x;
}
