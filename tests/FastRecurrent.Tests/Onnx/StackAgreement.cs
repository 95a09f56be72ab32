namespace FastRecurrent.Tests.Onnx;

/// <summary>A graph and the stack that was read from it give the same numbers: the check on every simplification.</summary>
internal static class StackAgreement
{
    public static void FillInputs(OnnxModel model, OnnxRunner runner)
    {
        foreach (OnnxValue input in model.Inputs)
        {
            OnnxTensor tensor = runner.Input(input.Name);
            if (tensor.Type == OnnxElementType.Float32)
            {
                new Draw(tensor.Count).Fill(tensor.Floats, -1, 1);
            }
            else
            {
                tensor.Integers.Fill(1);
            }
        }
    }

    /// <summary>Runs the stack on the runner's input and compares with what the runner gave. Values that are huge or no numbers are left out.</summary>
    public static void Holds(OnnxModel model, OnnxRunner runner, OnnxStack stack)
    {
        OnnxTensor x = runner.Input(stack.Input), expected = runner.Output(stack.Output);
        (int time, int batch) = stack.Definition.InputIsVector ? (1, x.Shape[0])
            : x.Shape.Length == 2 ? (x.Shape[0], 1)
            : stack.InputLayout == SequenceLayout.TimeMajor ? (x.Shape[0], x.Shape[1]) : (x.Shape[1], x.Shape[0]);
        using SequenceRunner engine = new RecurrentModel(stack.Definition, stack.Parameters).CreateRunner(time, batch);
        int outputTime = stack.Definition.OutputTime(time), outputs = stack.Definition.OutputSize;
        float[] y = new float[outputTime * batch * outputs];
        engine.Forward(x.Floats, time, batch, y, new() { Layout = stack.InputLayout });
        Assert.Equal(expected.Count, y.Length);
        bool isTurned = !stack.Definition.OutputIsVector && stack.OutputLayout != stack.InputLayout;
        (int rows, int columns) = stack.InputLayout == SequenceLayout.TimeMajor ? (outputTime, batch) : (batch, outputTime);
        for (int i = 0; i < y.Length; i++)
        {
            int pair = i / outputs, at = isTurned ? (((pair % columns * rows) + (pair / columns)) * outputs) + (i % outputs) : i;
            float wanted = expected.Floats[at];
            bool isMeasurable = Math.Abs(wanted) < 1e6f && Math.Abs(y[i]) < 1e6f;
            Assert.True(!isMeasurable || Math.Abs(wanted - y[i]) <= 1e-3f * Math.Max(1, Math.Abs(wanted)),
                $"{model.Outputs[0]}: value {i} of the stack {string.Join(" > ", stack.Definition.Layers)} is {y[i]:G9}, of the graph {wanted:G9}");
        }
    }
}
