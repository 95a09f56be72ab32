namespace FastRecurrent.Tests.Api;

/// <summary>
/// Calls that must be refused, each with a title, the exception that the documentation names (exactly, not a subclass) and
/// the words that the message owes its reader: what was found and what was wanted.
/// </summary>
/// <typeparam name="T">What the calls are made on.</typeparam>
internal sealed class Refusals<T>
{
    private readonly Dictionary<string, (Type Exception, Action<T> Call, string[] Words)> _calls = [];

    public IEnumerable<string> Names => _calls.Keys;

    public TheoryData<string> Titles => [.. Names];

    public Refusals<T> Null(string title, Action<T> call, params string[] words) => Add<ArgumentNullException>(title, call, words);

    public Refusals<T> OutOfRange(string title, Action<T> call, params string[] words) => Add<ArgumentOutOfRangeException>(title, call, words);

    public Refusals<T> Argument(string title, Action<T> call, params string[] words) => Add<ArgumentException>(title, call, words);

    public Refusals<T> Add<TException>(string title, Action<T> call, params string[] words)
        where TException : Exception
    {
        _calls.Add(title, (typeof(TException), call, words));
        return this;
    }

    public void Check(string title, T target)
    {
        (Type exception, Action<T> call, string[] words) = _calls[title];
        Exception error = Assert.Throws(exception, () => call(target));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
