using FsCheck;
using FsCheck.Fluent;

namespace FastRecurrent.Tests;

/// <summary>Property tests with FsCheck inside a plain [Fact]: the same cases on every run, so a failure is always there to look at.</summary>
internal static class Property
{
    private const ulong Seed = 20_260_101, Gamma = 1; // FsCheck wants an odd gamma

    /// <summary>Runs <paramref name="body"/>, which asserts, on <paramref name="count"/> generated cases; throws with the shrunk counterexample.</summary>
    public static void Holds<T>(Gen<T> cases, Action<T> body, int count = 100) =>
        Prop.ForAll(cases.ToArbitrary(), body).Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(Seed, Gamma));
}
