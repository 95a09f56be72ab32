namespace FastRecurrent.Onnx.Graphs;

/// <summary>What the computations of one runner share: the number of threads, and what must be disposed of with the runner.</summary>
internal sealed class Execution(int threads) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public int Threads => threads;

    public T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());
}
