namespace FastRecurrent.Tests.Forecasting;

public class RotorVibrationTests
{
    private static readonly RotorVibrationOptions Quiet = new() { Noise = 0, Imbalance = 0, Misalignment = 0, Looseness = 0, Slip = 0, SpeedSwing = 0 };

    /// <summary>The fault orders that the data sheet of the bearing 6205 gives: 5.4152, 3.5848, 4.7135 (both races), 0.39828.</summary>
    [Fact]
    public void The_default_bearing_has_the_published_orders()
    {
        BearingGeometry bearing = new();
        Assert.Equal(5.4152, bearing.InnerRaceOrder, 1e-3);
        Assert.Equal(3.5848, bearing.OuterRaceOrder, 1e-3);
        Assert.Equal(4.7135, 2 * bearing.BallSpinOrder, 5e-3);
        Assert.Equal(0.39828, bearing.CageOrder, 1e-4);
    }

    [Fact]
    public void A_seed_gives_the_same_series_and_another_one_another()
    {
        float[] first = RotorVibration.Generate(2000, 1);
        Assert.Equal(first, RotorVibration.Generate(2000, 1));
        Assert.Equal(first, RotorVibration.Generate(5000, 1)[..2000]);
        Assert.NotEqual(first, RotorVibration.Generate(2000, 2));
        Assert.All(RotorVibration.Generate(), value => Assert.InRange(value, -2, 2));
    }

    /// <summary>The power of the shaft's lines is that of their amplitudes: A^2 / 2 in all, found where they belong.</summary>
    [Fact]
    public void The_shaft_shakes_once_twice_and_three_times_a_revolution()
    {
        RotorVibrationOptions options = Quiet with { Imbalance = 0.5, Misalignment = 0.25, Looseness = 0.1, Condition = BearingCondition.Healthy, Speed = 1800 };
        float[] signal = RotorVibration.Generate(12_000, 3, options);
        Assert.Equal([0.5, 0.25, 0.1], new[] { 30, 60, 90 }.Select(hertz => Math.Round(Amplitude(signal, hertz, 12_000), 3)));
        Assert.Equal(0, Amplitude(signal, 120, 12_000), 1e-3);
    }

    /// <summary>The envelope's spectrum has a line at the fault's own frequency (McFadden and Smith 1984), and none at the others'.</summary>
    [Theory]
    [InlineData(BearingCondition.InnerRace)]
    [InlineData(BearingCondition.OuterRace)]
    [InlineData(BearingCondition.Ball)]
    public void A_fault_strikes_at_its_own_frequency(BearingCondition condition)
    {
        float[] signal = RotorVibration.Generate(48_000, 5, Quiet with { Condition = condition, Slip = 0.005 });
        float[] envelope = [.. signal.Select(Math.Abs)];
        BearingGeometry bearing = new();
        Dictionary<BearingCondition, double> lines = new()
        {
            [BearingCondition.InnerRace] = bearing.InnerRaceOrder,
            [BearingCondition.OuterRace] = bearing.OuterRaceOrder,
            [BearingCondition.Ball] = 2 * bearing.BallSpinOrder,
        };
        Dictionary<BearingCondition, double> found = lines.ToDictionary(line => line.Key, line => Peak(envelope, line.Value * 1797 / 60));
        double own = found[condition];
        Assert.All(found.Where(line => line.Key != condition), line => Assert.True(own > 2 * line.Value, $"{own} against {line.Value} of {line.Key}"));

        // Slip moves the line a little.
        static double Peak(float[] envelope, double hertz) =>
            Enumerable.Range(-6, 13).Max(k => Amplitude(envelope, hertz + (0.25 * k), 12_000));
    }

    [Fact]
    public void Noise_has_its_deviation_and_colour()
    {
        float[] noise = RotorVibration.Generate(100_000, 1, Quiet with { Noise = 0.2, NoiseColour = 0.6, Condition = BearingCondition.Healthy });
        double mean = noise.Average(value => (double)value), variance = noise.Average(value => (value - mean) * (value - mean));
        Assert.Equal(0, mean, 0.01);
        Assert.Equal(0.2, Math.Sqrt(variance), 0.005);
        Assert.Equal(0.6, noise.Skip(1).Zip(noise).Average(pair => (pair.First - mean) * (pair.Second - mean)) / variance, 0.01);
    }

    [Fact]
    public void Machines_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentException>(() => RotorVibration.Generate(10, 1, new RotorVibrationOptions { Resonance = 7000 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RotorVibration.Generate(10, 1, new RotorVibrationOptions { Speed = double.NaN }));
        Assert.Throws<ArgumentException>(() => RotorVibration.Generate(10, 1, new RotorVibrationOptions { Bearing = new BearingGeometry { BallDiameter = 50 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RotorVibration.Generate(0));
    }

    [Fact]
    public void Labelled_machines_come_in_turn_and_each_is_another()
    {
        LabelledWindows examples = LabelledWindows.Rotors(8, length: 20, seed: 1, frame: 10);
        Assert.Equal(["healthy", "inner race", "outer race", "ball"], examples.Classes.AsEnumerable());
        int[] labels = new int[8];
        examples.CopyLabels([0, 1, 2, 3, 4, 5, 6, 7], labels);
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], labels);
        float[] both = new float[20 * 2 * 10], first = new float[20 * 10], fifth = new float[20 * 10];
        examples.CopyInputs([0, 4], both);
        examples.CopyInputs([0], first);
        examples.CopyInputs([4], fifth);
        Assert.Equal(first[10..20], both[20..30]); // step 1 of row 0
        Assert.Equal(fifth[10..20], both[30..40]);
        Assert.NotEqual(first, fifth);
    }

    [Fact]
    public void Windows_of_one_series_a_class_keep_their_class()
    {
        TimeSeries a = new(new float[] { 1, 2, 3, 4, 5 }, "x"), b = new(new float[] { 10, 20, 30 }, "x");
        LabelledWindows windows = LabelledWindows.Of([a, b], ["low", "high"], length: 2, step: 2);
        Assert.Equal([0, 0, 1], Enumerable.Range(0, windows.Count).Select(windows.Label));
        float[] x = new float[2 * 3];
        windows.CopyInputs([0, 1, 2], x);
        Assert.Equal([1, 3, 10, 2, 4, 20], x);
        Assert.Contains("'high'", Assert.Throws<ArgumentException>(() => LabelledWindows.Of([a, b], ["low", "high"], 4, 1)).Message, StringComparison.Ordinal);
    }

    private static double Amplitude(float[] signal, double hertz, double rate)
    {
        double re = 0, im = 0;
        for (int i = 0; i < signal.Length; i++)
        {
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * hertz * i / rate);
            re += signal[i] * cosine;
            im += signal[i] * sine;
        }

        return 2 * Math.Sqrt((re * re) + (im * im)) / signal.Length;
    }
}
