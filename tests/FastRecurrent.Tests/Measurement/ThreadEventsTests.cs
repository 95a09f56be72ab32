using FastRecurrent.Cli.Machine;

namespace FastRecurrent.Tests.Measurement;

/// <summary>What the system counts against a thread tells apart waiting, fresh memory and neither.</summary>
public class ThreadEventsTests
{
    private const int Bytes = 64 << 20;

    [Fact]
    public void Waiting_and_fresh_memory_are_counted_for_the_thread_that_does_them()
    {
        Assert.Equal(OperatingSystem.IsLinux() && Environment.Is64BitProcess, ThreadEvents.AreKnown);
        (ThreadEvents sleeping, ThreadEvents touching) = OnItsOwnThread(() =>
        {
            ThreadEvents start = ThreadEvents.Read();
            Thread.Sleep(1);
            ThreadEvents slept = ThreadEvents.Read();
            Array.Fill(GC.AllocateUninitializedArray<byte>(Bytes), (byte)1);
            return (slept - start, ThreadEvents.Read() - slept);
        });
        if (ThreadEvents.AreKnown)
        {
            Assert.InRange(sleeping.Waits, 1, long.MaxValue);
            Assert.InRange(touching.PageFaults, 1, long.MaxValue);
            Assert.InRange(touching.Preemptions, 0, long.MaxValue);
        }
        else
        {
            Assert.Equal(default, sleeping);
        }
    }

    [Fact]
    public void Stolen_time_never_runs_backwards()
    {
        TimeSpan? first = ThreadEvents.Stolen();
        TimeSpan? second = ThreadEvents.Stolen();
        Assert.Equal(first is null, second is null);
        Assert.True(first is null || (first >= TimeSpan.Zero && second >= first));
    }

    private static T OnItsOwnThread<T>(Func<T> work)
    {
        T result = default!;
        Thread thread = new(() => result = work());
        thread.Start();
        thread.Join();
        return result;
    }
}
