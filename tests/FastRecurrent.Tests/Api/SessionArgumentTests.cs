using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Api;

/// <summary>R18 for streams: a refused call says what it found and wanted, and the stream goes on as if it had never been made.</summary>
public class SessionArgumentTests
{
    private const int I = 2, H = 5, O = 3;

    private static readonly RecurrentModel Net = Model(new ModelBuilder(I).Lstm(H).Dense(O));
    private static readonly RecurrentModel OtherNet = Model(new ModelBuilder(I).Lstm(H).Dense(O), seed: 99);
    private static readonly RecurrentModel WiderNet = Model(new ModelBuilder(I).Lstm(H + 1).Dense(O));
    private static readonly RecurrentModel GruNet = Model(new ModelBuilder(I).Gru(H).Dense(O));

    private static readonly Refusals<StreamingSession> StreamTable = new Refusals<StreamingSession>()
        .Argument("Step with a short x", s => s.Step(new float[1], new float[O]), "x has 1", "= 2")
        .Argument("Step with a long x", s => s.Step(new float[3], new float[O]), "x has 3", "= 2")
        .Argument("Step with an empty x", s => s.Step([], new float[O]), "x has 0", "= 2")
        .Argument("Step with a null x", s => s.Step(null, new float[O]), "x has 0", "= 2")
        .Argument("Step with a short y", s => s.Step(new float[I], new float[2]), "y has 2", "= 3")
        .Argument("Step with a long y", s => s.Step(new float[I], new float[4]), "y has 4", "= 3")
        .Argument("Step with an empty y", s => s.Step(new float[I], []), "y has 0", "= 3")
        .Argument("Step with x and y overlapping", s => Overlap((x, y) => s.Step(x, y), I, O), "overlaps")
        .Argument("Process with half a frame", s => s.Process(new float[5], new float[6]), "5 values", "I = 2")
        .Argument("Process with a short output", s => s.Process(new float[4], new float[5]), "output has 5", "2 x 1 x 3 = 6")
        .Argument("Process with a long output", s => s.Process(new float[4], new float[7]), "output has 7", "2 x 1 x 3 = 6")
        .Argument("Process with an empty output", s => s.Process(new float[4], []), "output has 0", "2 x 1 x 3 = 6")
        .Argument("Process with no frames for an output", s => s.Process([], new float[O]), "output has 3", "0 x 1 x 3 = 0")
        .Argument("Process with frames and output overlapping", s => Overlap((x, y) => s.Process(x, y), 2 * I, 2 * O), "overlaps")
        .Null("RestoreState of null", s => s.RestoreState(null!), "source")
        .Argument("RestoreState of two rows", s => s.RestoreState(NoisyState(Net, 2)), "2 rows", "1 rows")
        .Argument("RestoreState of another H", s => s.RestoreState(NoisyState(WiderNet, 1)), "LstmCell(6)", "LstmCell(5)")
        .Argument("RestoreState without c", s => s.RestoreState(NoisyState(GruNet, 1)), "GruCell(5)", "LstmCell(5)")
        .Null("SaveState to null", s => s.SaveState(null!), "destination")
        .Argument("SaveState to two rows", s => s.SaveState(Net.CreateState(2)), "2", "1 rows")
        .Argument("SaveState to another H", s => s.SaveState(WiderNet.CreateState()), "LstmCell(6)", "LstmCell(5)");

    private static readonly Refusals<StreamingSession> DisposedTable = new Refusals<StreamingSession>()
        .Add<ObjectDisposedException>("Step", s => s.Step(new float[I], new float[O]), nameof(StreamingSession))
        .Add<ObjectDisposedException>("Step with wrong sizes", s => s.Step(new float[9], new float[9]), nameof(StreamingSession))
        .Add<ObjectDisposedException>("Process", s => s.Process(new float[I], new float[O]), nameof(StreamingSession))
        .Add<ObjectDisposedException>("Process of nothing", s => s.Process([], []), nameof(StreamingSession))
        .Add<ObjectDisposedException>("Reset", s => s.Reset(), nameof(StreamingSession))
        .Add<ObjectDisposedException>("SaveState", s => s.SaveState(), nameof(StreamingSession))
        .Add<ObjectDisposedException>("SaveState to a state", s => s.SaveState(Net.CreateState()), nameof(StreamingSession))
        .Add<ObjectDisposedException>("RestoreState", s => s.RestoreState(Net.CreateState()), nameof(StreamingSession))
        .Add<ObjectDisposedException>("WarmUp", s => s.WarmUp(), nameof(StreamingSession));

    private static readonly Refusals<Batch> BatchTable = new Refusals<Batch>()
        .OutOfRange("no session", b => b.Step([], [], []), "sessions", "0", "1 to 3")
        .OutOfRange("more sessions than it was made for", b => b.Step([.. b.Sessions, Net.CreateSession()]), "sessions", "4", "1 to 3")
        .Argument("a null session", b => b.Step([b.Sessions[0], null!]), "Session 1 is null")
        .Argument("a session twice", b => b.Step([b.Sessions[0], b.Sessions[1], b.Sessions[0]]), "Session 2", "twice")
        .Argument("a session of another model of the same sizes", b => b.Step([b.Sessions[0], OtherNet.CreateSession()]), "Session 1", "another model")
        .Add<ObjectDisposedException>("a disposed session", b => b.Step([b.Sessions[0], Disposed()]), nameof(StreamingSession))
        .Argument("a short x", b => b.Step(b.Sessions, new float[5], new float[9]), "x has 5", "1 x 3 x 2 = 6")
        .Argument("a long x", b => b.Step(b.Sessions, new float[7], new float[9]), "x has 7", "1 x 3 x 2 = 6")
        .Argument("a short y", b => b.Step(b.Sessions, new float[6], new float[8]), "y has 8", "1 x 3 x 3 = 9")
        .Argument("a long y", b => b.Step(b.Sessions, new float[6], new float[10]), "y has 10", "1 x 3 x 3 = 9")
        .Argument("x and y overlapping", b => Overlap((x, y) => b.Stepper.Step(b.Sessions, x, y), 6, 9), "overlaps");

    private delegate void Call(ReadOnlySpan<float> x, Span<float> y);

    public static TheoryData<string, int, int> StreamTitles => Expand(StreamTable);

    public static TheoryData<string> DisposedTitles => DisposedTable.Titles;

    public static TheoryData<string> BatchTitles => BatchTable.Titles;

    [Theory]
    [MemberData(nameof(StreamTitles))]
    public void A_session_refuses(string title, int stepsBefore, int threads)
    {
        using StreamingSession session = Net.CreateSession(threads), twin = Net.CreateSession(threads);
        float[] past = Noise(stepsBefore * I), next = Noise(3 * I, seed: 8);
        Step(session, past);
        Step(twin, past);

        StreamTable.Check(title, session);

        Assert.Equal(Bits(Net, twin.SaveState()), Bits(Net, session.SaveState()));
        Assert.Equal(Bits(Step(twin, next)), Bits(Step(session, next)));
    }

    [Theory]
    [MemberData(nameof(DisposedTitles))]
    public void A_disposed_session_refuses(string title)
    {
        DisposedTable.Check(title, Disposed());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_session_may_be_disposed_twice_and_still_tells_its_model_and_size(int threads)
    {
        StreamingSession session = Net.CreateSession(threads);
        session.Dispose();
        session.Dispose();
        Assert.Same(Net, session.Model);
        Assert.True(session.Bytes > 0);
    }

    [Fact]
    public void Processing_no_frames_changes_nothing()
    {
        using StreamingSession session = Net.CreateSession(), twin = Net.CreateSession();
        float[] past = Noise(3 * I);
        Step(session, past);
        Step(twin, past);
        session.Process([], []);
        Assert.Equal(Bits(Net, twin.SaveState()), Bits(Net, session.SaveState()));
    }

    [Theory]
    [MemberData(nameof(BatchTitles))]
    public void A_batch_of_sessions_refuses(string title)
    {
        using Batch batch = new(), twin = new();
        BatchTable.Check(title, batch);
        float[] next = Noise(3 * I, seed: 8);
        float[] y = new float[3 * O], expected = new float[3 * O];
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Bits(Net, twin.Sessions[i].SaveState()), Bits(Net, batch.Sessions[i].SaveState()));
        }

        batch.Stepper.Step(batch.Sessions, next, y);
        twin.Stepper.Step(twin.Sessions, next, expected);
        Assert.Equal(Bits(expected), Bits(y));
    }

    [Fact]
    public void A_disposed_batch_refuses_to_step_and_may_be_disposed_again()
    {
        Batch batch = new();
        batch.Stepper.Dispose();
        batch.Stepper.Dispose();
        ObjectDisposedException error = Assert.Throws<ObjectDisposedException>(() => batch.Step(batch.Sessions));
        Assert.Contains(nameof(SessionBatch), error.Message, StringComparison.Ordinal);
        Assert.Equal(Bits(Net, new Batch().Sessions[0].SaveState()), Bits(Net, batch.Sessions[0].SaveState()));
    }

    private static TheoryData<string, int, int> Expand(Refusals<StreamingSession> table)
    {
        // h lies in one of two places after an even and an odd number of steps; a second thread takes another path.
        TheoryData<string, int, int> cases = [];
        foreach (string title in table.Names)
        {
            cases.Add(title, 0, 1);
            cases.Add(title, 3, 1);
            cases.Add(title, 4, 1);
            cases.Add(title, 3, 2);
        }

        return cases;
    }

    /// <summary>Calls with the last value of x being the first of y.</summary>
    private static void Overlap(Call call, int inputs, int outputs)
    {
        float[] both = new float[inputs + outputs - 1];
        call(both.AsSpan(0, inputs), both.AsSpan(inputs - 1, outputs));
    }

    private static StreamingSession Disposed()
    {
        StreamingSession session = Net.CreateSession();
        session.Dispose();
        return session;
    }

    /// <summary>Three sessions in different states and their stepper.</summary>
    private sealed class Batch : IDisposable
    {
        public Batch()
        {
            for (int i = 0; i < Sessions.Length; i++)
            {
                TestNetworks.Step(Sessions[i], Noise((i + 1) * I, seed: 20 + i));
            }
        }

        public StreamingSession[] Sessions { get; } = [Net.CreateSession(), Net.CreateSession(), Net.CreateSession()];

        public SessionBatch Stepper { get; } = Net.CreateSessionBatch(3);

        public void Step(StreamingSession[] sessions) => Step(sessions, new float[sessions.Length * I], new float[sessions.Length * O]);

        public void Step(StreamingSession[] sessions, float[] x, float[] y) => Stepper.Step(sessions, x, y);

        public void Dispose()
        {
            Stepper.Dispose();
            foreach (StreamingSession session in Sessions)
            {
                session.Dispose();
            }
        }
    }
}
