using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>A stage's matrices in pieces of some inputs times one panel's columns, each of which becomes a block of the transposes.</summary>
internal sealed unsafe class TransposedPieces<TVector> : WeightPieces
    where TVector : unmanaged, ISimdVector<TVector>
{
    // Whole panels of the transposes. 512 inputs of 64 columns are 128 KB: with gradients, moments and the copy they fill half of L2, and are long
    // enough to stream; pieces of 64 inputs took 10-20 % longer.
    private const int Depth = 512;

    private readonly PackedStage _stage;
    private readonly TransposedWeights<TVector>? _input;
    private readonly TransposedWeights<TVector>? _recurrent;
    private readonly Place[] _places;

    private TransposedPieces(PackedStage stage, TransposedWeights<TVector>? input, TransposedWeights<TVector>? recurrent, List<int> starts, List<Place> places)
        : base([.. starts], stage.MatrixFloats)
    {
        _stage = stage;
        _input = input;
        _recurrent = recurrent;
        _places = [.. places];
    }

    /// <summary>The pieces of a stage.</summary>
    /// <param name="stage">Its packed weights.</param>
    /// <param name="input">W^T; null where the stage has no input product.</param>
    /// <param name="recurrent">U^T; null where it has no recurrent one.</param>
    public static TransposedPieces<TVector> Of(PackedStage stage, TransposedWeights<TVector>? input, TransposedWeights<TVector>? recurrent)
    {
        List<int> starts = [];
        List<Place> places = [];
        Add(isInput: true, input);
        Add(isInput: false, recurrent);
        return new(stage, input, recurrent, starts, places);

        void Add(bool isInput, TransposedWeights<TVector>? transposed)
        {
            for (int p = 0; p < stage.Panels.Length && transposed is not null; p++)
            {
                Panel panel = stage.Panels[p];
                int start = (int)((isInput ? panel.InputWeights : panel.RecurrentWeights) - stage.Matrices);
                int width = (isInput ? panel.InputVectors : panel.RecurrentVectors) * TVector.Count;
                for (int k = 0; k < transposed.Columns && width > 0; k += Depth)
                {
                    starts.Add(start + (k * width));
                    places.Add(new Place(isInput, p, k, Math.Min(k + Depth, transposed.Columns)));
                }
            }
        }
    }

    public override void Fill(int piece)
    {
        Place place = _places[piece];
        (place.IsInput ? _input : _recurrent)!.Fill(_stage, _stage.Panels[place.Panel], place.IsInput, place.First, place.End);
    }

    private readonly record struct Place(bool IsInput, int Panel, int First, int End);
}
