using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// The Euclidean norms of dL/dh over a batch, for every recurrent layer, direction and step: what falls off exponentially towards the
/// first steps has vanished, what grows has exploded (Pascanu, Mikolov and Bengio 2013). Made by
/// <see cref="TrainableModel.CreateHiddenGradientReport"/>, filled by every <see cref="TrainableModel.Backward"/> that is given it. The same
/// bits for any number of threads and any instruction set.
/// </summary>
public sealed class HiddenGradientReport
{
    private readonly StateLayout _layout;
    private readonly HiddenGradientNorms[] _directions;

    // Steps of a direction's layer; 0 for as many as the input has.
    private readonly int[] _times;

    internal HiddenGradientReport(TrainableModel model, StateLayout layout)
    {
        Model = model;
        _layout = layout;
        List<int> times = [];
        int time = 0;
        foreach (LayerDefinition layer in model.Definition.Layers)
        {
            if (layer is RecurrentLayer recurrent)
            {
                times.AddRange(Enumerable.Repeat(time, recurrent.Direction == Direction.Bidirectional ? 2 : 1));
            }

            time = layer is RepeatVectorLayer repeat ? repeat.Steps : time;
        }

        _times = [.. times];
        _directions = [.. _times.Select(steps => new HiddenGradientNorms(steps == 0 ? model.Options.MaxTime : steps, model.Options.MaxBatch))];
    }

    internal TrainableModel Model { get; }

    /// <summary>
    /// One norm for each step t of the layer's sequence in the last backward pass: the root of the sum over rows and units of (dL/dh[t])^2, h[t]
    /// being the output of that step, dL/dh[t] what reaches it through y and through later steps. Rows that ended before t count nothing. Empty
    /// before the first pass; the next pass overwrites it.
    /// </summary>
    /// <param name="layer">The index of a recurrent layer among all layers of the network.</param>
    /// <param name="reverse">True for the reverse direction of a bidirectional layer.</param>
    /// <exception cref="ArgumentException">The layer is not recurrent or has no such direction.</exception>
    public ReadOnlySpan<double> Norms(int layer, bool reverse = false) => _directions[_layout.Find(layer, reverse)].Values;

    /// <summary>The backward pass that follows reports to this.</summary>
    internal void Begin(TrainingState[] states, int time, int rows)
    {
        for (int block = 0; block < states.Length; block++)
        {
            _directions[block].Begin(_times[block] == 0 ? time : _times[block], rows);
            states[block].Norms = _directions[block];
        }
    }

    /// <summary>The backward pass is done.</summary>
    internal void End(TrainingState[] states)
    {
        for (int block = 0; block < states.Length; block++)
        {
            _directions[block].End();
            states[block].Norms = null;
        }
    }
}
