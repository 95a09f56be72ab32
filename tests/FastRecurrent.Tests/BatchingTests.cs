namespace FastRecurrent.Tests;

/// <summary>
/// R8: a row has the same bits alone, in any batch with any neighbours, in chunks, as a stream, and in either layout; outputs
/// and final states both. Threads: ThreadCountTests.
/// </summary>
public class BatchingTests
{
    [Fact]
    public void A_row_of_a_batch_equals_the_row_alone() =>
        Property.Holds(NetworkCase.Of(isCausal: false), c => EachRowAlone(c, lengths: null));

    [Fact]
    public void A_row_of_a_ragged_batch_equals_the_row_alone_at_its_own_length() =>
        Property.Holds(NetworkCase.Of(isCausal: false), c => EachRowAlone(c, c.Lengths()));

    [Fact]
    public void A_permuted_batch_gives_the_permuted_result() => Property.Holds(NetworkCase.Of(isCausal: false), c =>
    {
        Batch original = Batch.Of(c, c.Lengths());
        int[] order = new Draw(c.Seed, stream: 9).Permutation(c.Batch);
        BatchResult wanted = original.Run(c.Model());
        BatchResult found = original.Take(order).Run(c.Model());
        for (int row = 0; row < c.Batch; row++)
            Bits.Equal(wanted.Row(order[row]), found.Row(row), $"row {order[row]}, moved to {row}, of {c}");
    });

    [Fact]
    public void Rows_of_equal_length_give_the_same_bits_with_and_without_lengths() => Property.Holds(NetworkCase.Of(isCausal: false), c =>
    {
        RecurrentModel model = c.Model();
        BatchResult plain = Batch.Of(c, lengths: null).Run(model);
        BatchResult ragged = Batch.Of(c, [.. Enumerable.Repeat(c.Time, c.Batch)]).Run(model);
        SameRows(plain, ragged, c.Batch, c);
    });

    [Fact]
    public void Batch_major_gives_the_bits_of_time_major() => Property.Holds(NetworkCase.Of(isCausal: false), c =>
    {
        RecurrentModel model = c.Model();
        foreach (int[]? lengths in new[] { null, c.Lengths() })
        {
            Batch batch = Batch.Of(c, lengths);
            SameRows(batch.Run(model), batch.Run(model, layout: SequenceLayout.BatchMajor), c.Batch, c);
        }
    });

    [Fact]
    public void A_sequence_in_chunks_equals_the_sequence_in_one_run() => Property.Holds(NetworkCase.Of(isCausal: true, maxTime: 40, maxBatch: 9), c =>
    {
        RecurrentModel model = c.Model();
        BatchResult wanted = Batch.Of(c, lengths: null).Run(model);
        (float[] x, float[] y) = (c.Inputs(), new float[c.Time * c.Batch * c.Definition.OutputSize]);
        RecurrentState state = c.InitialState(model);
        using SequenceRunner runner = model.CreateRunner(c.Time, c.Batch);
        Draw draw = new(c.Seed, stream: 9);
        for (int first = 0, steps; first < c.Time; first += steps)
        {
            steps = draw.Int(1, c.Time - first);
            runner.Forward(
                Steps(x, c, first, steps, c.Definition.InputSize), steps, c.Batch, Steps(y, c, first, steps, c.Definition.OutputSize),
                new() { InitialState = state, FinalState = state });
        }

        SameRows(wanted, new BatchResult(c.Definition, c.Batch, c.Time, y, state), c.Batch, c);
    });

    [Fact]
    public void A_stream_of_steps_equals_the_sequence_in_one_run() =>
        Property.Holds(NetworkCase.Of(isCausal: true, maxTime: 40, maxBatch: 3), c => EachRowStreamed(c, (session, x, y, draw) =>
        {
            for (int t = 0; t < c.Time; t++)
            {
                session.Step(x.AsSpan(t * c.Definition.InputSize, c.Definition.InputSize), y.AsSpan(t * c.Definition.OutputSize, c.Definition.OutputSize));

                // Reading the state between steps brings h back to its first place.
                if (draw.Int(0, 3) == 0)
                    session.RestoreState(session.SaveState());
            }
        }));

    [Fact]
    public void A_stream_of_processed_blocks_equals_the_sequence_in_one_run() =>
        Property.Holds(NetworkCase.Of(isCausal: true, maxTime: 40, maxBatch: 3), c => EachRowStreamed(c, (session, x, y, draw) =>
        {
            for (int first = 0, steps; first < c.Time; first += steps)
            {
                steps = draw.Int(1, c.Time - first);
                session.Process(
                    x.AsSpan(first * c.Definition.InputSize, steps * c.Definition.InputSize),
                    y.AsSpan(first * c.Definition.OutputSize, steps * c.Definition.OutputSize));
            }
        }));

    [Fact]
    public void Sessions_stepped_in_changing_batches_equal_the_sequence_in_one_run() => Property.Holds(NetworkCase.Of(isCausal: true), c =>
    {
        RecurrentModel model = c.Model();
        BatchResult wanted = Batch.Of(c, lengths: null).Run(model);
        (int I, int O) = (c.Definition.InputSize, c.Definition.OutputSize);
        RecurrentState initial = c.InitialState(model), final = model.CreateState(c.Batch);
        StreamingSession[] sessions = [.. Enumerable.Range(0, c.Batch).Select(row => SessionFrom(model, initial, row))];
        float[] x = c.Inputs(), y = new float[c.Time * c.Batch * O];
        using SessionBatch batch = model.CreateSessionBatch(c.Batch);
        Draw draw = new(c.Seed, stream: 9);
        for (int t = 0; t < c.Time; t++)
        {
            // The first few of a random order go together, the next one alone, and so on.
            int[] order = draw.Permutation(c.Batch);
            for (int first = 0, count; first < c.Batch; first += count)
            {
                int[] rows = order[first..(first + draw.Int(1, c.Batch - first))];
                count = rows.Length;
                float[] together = new float[count * O];
                batch.Step(
                    [.. rows.Select(row => sessions[row])],
                    [.. rows.SelectMany(row => x.AsSpan(((t * c.Batch) + row) * I, I).ToArray())],
                    together);
                for (int i = 0; i < count; i++)
                    together.AsSpan(i * O, O).CopyTo(y.AsSpan(((t * c.Batch) + rows[i]) * O));
            }
        }

        for (int row = 0; row < c.Batch; row++)
            final.CopyRows(sessions[row].CurrentState(), 0, row, 1);
        SameRows(wanted, new BatchResult(c.Definition, c.Batch, c.Time, y, final), c.Batch, c);
    });

    private static void EachRowAlone(NetworkCase c, int[]? lengths)
    {
        RecurrentModel model = c.Model();
        Batch batch = Batch.Of(c, lengths);
        BatchResult together = batch.Run(model);
        for (int row = 0; row < c.Batch; row++)
        {
            Batch alone = batch.Take([row]);
            int length = lengths?[row] ?? c.Time;

            // A row of at least one step runs as a sequence of its own length, without lengths.
            BatchResult wanted = length == 0 ? alone.Run(model) : alone.Shortened(length).Run(model);
            Bits.Equal(wanted.Final(0), together.Final(row), $"final state of row {row}, length {length}, of {c}");
            float[] outputs = together.Outputs(row);
            float[] wantedOutputs = wanted.Outputs(0);
            Bits.Equal(wantedOutputs, outputs.AsSpan(0, wantedOutputs.Length), $"outputs of row {row}, length {length}, of {c}");
            Assert.All(outputs[wantedOutputs.Length..], value => Assert.Equal(0, BitConverter.SingleToInt32Bits(value)));
        }
    }

    private static void EachRowStreamed(NetworkCase c, Action<StreamingSession, float[], float[], Draw> stream)
    {
        RecurrentModel model = c.Model();
        Batch batch = Batch.Of(c, lengths: null);
        BatchResult wanted = batch.Run(model);
        for (int row = 0; row < c.Batch; row++)
        {
            using StreamingSession session = SessionFrom(model, batch.Initial, row);
            float[] y = new float[c.Time * c.Definition.OutputSize];
            stream(session, batch.Take([row]).Inputs, y, new Draw(c.Seed, stream: 9));
            Bits.Equal(wanted.Outputs(row), y, $"row {row} of {c}");
            Bits.Equal(wanted.Final(row), States.Row(c.Definition, session.SaveState(), 0), $"state of row {row} of {c}");
        }
    }

    private static StreamingSession SessionFrom(RecurrentModel model, RecurrentState states, int row)
    {
        RecurrentState one = model.CreateState();
        one.CopyRows(states, row, 0, 1);
        StreamingSession session = model.CreateSession();
        session.RestoreState(one);
        return session;
    }

    private static Span<float> Steps(float[] values, NetworkCase c, int first, int steps, int features) =>
        values.AsSpan(first * c.Batch * features, steps * c.Batch * features);

    private static void SameRows(BatchResult wanted, BatchResult found, int batch, NetworkCase c)
    {
        for (int row = 0; row < batch; row++)
            Bits.Equal(wanted.Row(row), found.Row(row), $"row {row} of {c}");
    }
}
