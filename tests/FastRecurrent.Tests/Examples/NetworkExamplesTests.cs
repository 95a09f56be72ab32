using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Examples;

/// <summary>The four kinds of networks, each as short as a caller would write it, against the same network in plain loops.</summary>
public class NetworkExamplesTests : ExampleTests
{
    /// <summary>A tag for every word, a forecast at every step: as many outputs as inputs.</summary>
    [Fact]
    [Trait("Category", "arm64")]
    public void Sequence_to_sequence()
    {
        Check(
            new ModelBuilder(I).Lstm(6).Dense(3).Softmax(),
            (net, xs) => Plain.Each(net.Lstm(0, xs).Outputs, h => Plain.Softmax(net.Dense(1, h))));
    }

    /// <summary>A class for a sentence, the next value of a series: one output for the whole sequence.</summary>
    [Fact]
    [Trait("Category", "arm64")]
    public void Sequence_to_vector()
    {
        Check(
            new ModelBuilder(I).Gru(6).LastStep().Dense(1, Activation.Sigmoid),
            (net, xs) => [net.Dense(1 + 1, net.Gru(0, xs).Outputs[^1], Plain.Sigmoid)]);
    }

    /// <summary>A caption for a picture: a vector is repeated as the input of every step.</summary>
    [Fact]
    [Trait("Category", "arm64")]
    public void Vector_to_sequence()
    {
        Check(
            ModelBuilder.FromVector(I).Dense(4, Activation.Tanh).RepeatVector(7).SimpleRnn(6).Dense(3),
            (net, xs) =>
            {
                double[] vector = net.Dense(0, xs[0], Math.Tanh);
                double[][] repeated = [.. Enumerable.Repeat(vector, 7)];
                return Plain.Each(net.SimpleRnn(2, repeated).Outputs, h => net.Dense(3, h));
            },
            time: 1);
    }

    /// <summary>A translation: the encoder's final state is all that the decoder knows of the input, and it starts from there.</summary>
    [Fact]
    [Trait("Category", "arm64")]
    public void Encoder_and_decoder_by_handing_over_the_state()
    {
        RecurrentModel encoder = Model(new ModelBuilder(I).Lstm(6).FinalState());
        RecurrentModel decoder = Model(new ModelBuilder(4).Lstm(6).Dense(3), seed: 30);
        float[] start = Noise(7 * N * 4, seed: 31);

        RecurrentState context = encoder.CreateState(N);
        Forward(encoder, X, T, N, new() { FinalState = context });
        float[] y = Forward(decoder, start, 7, N, new() { InitialState = context });

        Plain encode = new(encoder.ExportParameters()), decode = new(decoder.ExportParameters());
        Near(
            [.. Enumerable.Range(0, N).Select(row =>
            {
                (_, double[] h, double[] c) = encode.Lstm(0, Row(X, T, row));
                return Plain.Each(decode.Lstm(0, Row(start, 7, row), h, c).Outputs, step => decode.Dense(1, step));
            })],
            y,
            time: 7);
    }

    /// <summary>The decoder as it runs in use: one step at a time, each fed with what the step before gave.</summary>
    [Fact]
    public void Decoder_that_feeds_on_its_own_outputs()
    {
        RecurrentModel encoder = Model(new ModelBuilder(I).Gru(6).FinalState());
        RecurrentModel decoder = Model(new ModelBuilder(2).Gru(6).Dense(2), seed: 40);
        RecurrentState context = encoder.CreateState();
        Forward(encoder, X[..(T * I)], T, 1, new() { FinalState = context });

        using StreamingSession session = decoder.CreateSession();
        session.RestoreState(context);
        float[] y = new float[2], generated = new float[4 * 2];
        for (int s = 0; s < 4; s++)
        {
            session.Step([.. y], y);
            y.CopyTo(generated, s * 2);
        }

        double[][] inputs = [.. Enumerable.Range(0, T).Select(t => new double[] { X[t * I], X[(t * I) + 1] })];
        Plain decode = new(decoder.ExportParameters());
        double[] h = new Plain(encoder.ExportParameters()).Gru(0, inputs).H, fed = [0, 0];
        double[][] expected = new double[4][];
        for (int s = 0; s < 4; s++)
        {
            h = decode.Gru(0, [fed], h).H;
            fed = expected[s] = decode.Dense(1, h);
        }

        Near([expected], generated, time: 4);
    }

    [Fact]
    public void A_stack_with_a_size_of_its_own_per_layer()
    {
        Check(
            new ModelBuilder(I).Lstm(18).Gru(5).SimpleRnn(9).Dense(4, Activation.Relu),
            (net, xs) => Plain.Each(
                net.SimpleRnn(2, net.Gru(1, net.Lstm(0, xs).Outputs).Outputs).Outputs,
                h => net.Dense(3, h, Plain.Relu)));
    }
}
