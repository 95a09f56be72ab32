using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Tests.Verbs;

/// <summary>Plans, their networks, and what a model file keeps of them.</summary>
public class ForecastPlanTests
{
    private const int Rows = 300;

    private static readonly TrainingSettings Settings = new() { Hidden = 6, Epochs = 2, PerEpoch = 128, Batch = 16 };

    private static readonly ForecastPlan Direct = new()
    {
        Inputs = ["load", "temp"],
        Targets = ["load"],
        Window = 8,
        Horizon = 3,
        Season = 24,
        IsChange = true,
        Calendar = CalendarCycles.Day,
        NaiveErrors = [1],
        Training = Settings,
    };

    private static readonly ForecastPlan Recursive = Direct with { Inputs = ["load"], IsRecursive = true, Known = ["temp"] };

    public static TheoryData<string> Plans => [.. Cases.Keys];

    private static Dictionary<string, ForecastPlan> Cases { get; } = new()
    {
        ["direct"] = Direct,
        ["known future"] = Direct with { Inputs = ["load"], Known = ["temp"], Calendar = 0, IsChange = false },
        ["quantile"] = Direct with { Intervals = IntervalKind.Quantile, Targets = ["temp", "load"], NaiveErrors = [1, 2] },
        ["gaussian"] = Direct with { Intervals = IntervalKind.Gaussian, Calendar = CalendarCycles.Day | CalendarCycles.Year },
        ["conformal"] = Direct with { Intervals = IntervalKind.Conformal, HalfWidths = [1, 2, 3] },
        ["recursive"] = Recursive,
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public void A_model_file_forecasts_what_was_trained_bit_for_bit(string name)
    {
        using Formats.TemporaryFolder folder = new();
        ForecastPlan plan = Cases[name];
        using ForecastTraining training = new(plan, Values(plan), "data", threads: 1, checkpoint: null);
        RecurrentModel model = training.Run(progress: null, CancellationToken.None);
        ModelFile.Save(folder["m"], model, new ModelSaveOptions { Metadata = PlanFile.Metadata(training.Plan) });
        LoadedModel loaded = ModelFile.Load(folder["m"]);
        (float[] value, float[] lower, float[] upper) = Forecast(training.Plan, model);
        (float[] again, float[] lowerAgain, float[] upperAgain) = Forecast(PlanFile.Read(folder["m"], loaded), loaded.Model);
        Assert.Equal(value, again);
        Assert.Equal(lower, lowerAgain);
        Assert.Equal(upper, upperAgain);
        Assert.All(value, x => Assert.InRange(x, -50, 200));
        for (int i = 0; i < value.Length && plan.Intervals != IntervalKind.None; i++)
            Assert.True(lower[i] < value[i] && value[i] < upper[i], $"{lower[i]} < {value[i]} < {upper[i]}");
    }

    /// <summary>Stopped in the middle of an epoch, as Ctrl-C does, and gone on with from the checkpoint: the weights are those of one run, bit for bit.</summary>
    [Fact]
    public void A_training_that_was_stopped_between_two_steps_goes_on_bit_for_bit()
    {
        using Formats.TemporaryFolder folder = new();
        ForecastPlan plan = Direct with { Training = Settings with { Epochs = 4, PerEpoch = 400, Patience = 2 } };
        using ForecastTraining whole = new(plan, Values(plan), "data", threads: 1, checkpoint: null);
        RecurrentModel model = whole.Run(progress: null, CancellationToken.None);
        for (int stopAt = 20; stopAt <= 40; stopAt += 20)
        {
            string checkpoint = folder[$"c{stopAt}"];
            using (ForecastTraining part = new(plan, Values(plan), "data", threads: 2, checkpoint))
            {
                using CancellationTokenSource stop = new();
                part.Run(new StopAt(stopAt, stop), stop.Token);
                Assert.InRange(part.Trainer.Iteration, stopAt, whole.Trainer.Iteration - 1);
                Assert.NotEqual(0, part.Trainer.Iteration % (whole.Trainer.Iteration / whole.Trainer.History.Epochs.Count));
            }

            using ForecastTraining rest = new(plan, Values(plan), "data", threads: 1, checkpoint);
            rest.Trainer.LoadCheckpoint(checkpoint);
            ParameterSet found = rest.Run(progress: null, CancellationToken.None).ExportParameters(), wanted = model.ExportParameters();
            Assert.All(wanted.Names, name => Assert.Equal(wanted[name].ToArray(), found[name].ToArray()));
            Assert.Equal(whole.Trainer.Iteration, rest.Trainer.Iteration);
        }
    }

    private sealed class StopAt(int iteration, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Iteration >= iteration)
                stop.Cancel();
        }
    }

    [Theory]
    [InlineData(ScalerKind.Standard)]
    [InlineData(ScalerKind.MinMax)]
    [InlineData(ScalerKind.Robust)]
    public void Every_scaler_is_fitted_on_the_training_rows_alone_and_comes_back_from_the_file(ScalerKind kind)
    {
        using Formats.TemporaryFolder folder = new();
        ForecastPlan plan = Direct with { Training = Settings with { Scaler = kind, Epochs = 1 } };
        TimeSeries values = Values(plan);
        using ForecastTraining training = new(plan, values, "data", threads: 1, checkpoint: null);
        Scaler wanted = Scaler.Fit(kind, values.Slice(..240).Select("load", "temp"));
        ModelFile.Save(folder["m"], training.Run(progress: null, CancellationToken.None), new ModelSaveOptions { Metadata = PlanFile.Metadata(training.Plan) });
        ForecastPlan read = PlanFile.Read(folder["m"], ModelFile.Load(folder["m"]));
        Assert.Equal((kind, kind), (read.Scaler!.Kind, read.Training.Scaler));
        Assert.Equal(wanted.Offsets.AsEnumerable(), read.Scaler.Offsets.AsEnumerable());
        Assert.Equal(wanted.Scales.AsEnumerable(), read.Scaler.Scales.AsEnumerable());
    }

    [Fact]
    public void A_file_whose_plan_does_not_fit_its_network_is_refused()
    {
        using Formats.TemporaryFolder folder = new();
        using ForecastTraining training = new(Direct, Values(Direct), "data", threads: 1, checkpoint: null);
        RecurrentModel model = training.Run(progress: null, CancellationToken.None);
        foreach (ForecastPlan wrong in (ForecastPlan[])[training.Plan with { Horizon = 4 }, training.Plan with { Calendar = 0 }, training.Plan with { HalfWidths = [1] }])
        {
            ModelFile.Save(folder["m"], model, new ModelSaveOptions { Metadata = PlanFile.Metadata(wrong) });
            Assert.Contains("damaged", Assert.Throws<DataFormatException>(() => PlanFile.Read(folder["m"], ModelFile.Load(folder["m"]))).Message, StringComparison.Ordinal);
        }

        ModelFile.Save(folder["m"], model, new ModelSaveOptions { Metadata = new Dictionary<string, string> { [PlanFile.Key] = "{" } });
        Assert.Throws<DataFormatException>(() => PlanFile.Read(folder["m"], ModelFile.Load(folder["m"])));
        ModelFile.Save(folder["m"], model);
        Assert.Contains("no forecaster", Assert.Throws<DataFormatException>(() => PlanFile.Read(folder["m"], ModelFile.Load(folder["m"]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recursive_forecast_is_one_step_ahead_again_and_again_with_what_is_known_of_each()
    {
        TimeSeries values = Values(Recursive);
        using ForecastTraining training = new(Recursive, values, "data", threads: 1, checkpoint: null);
        RecurrentModel model = training.Run(progress: null, CancellationToken.None);
        (float[] all, _, _) = Forecast(training.Plan, model);

        // By hand: each forecast takes its place in the series, and the next one begins behind it.
        float[] rows = values.ToArray();
        int first = Rows - Recursive.Horizon, channels = values.Channels;
        ForecastPlan one = training.Plan with { Horizon = 1 };
        for (int h = 0; h < Recursive.Horizon; h++)
        {
            using NetworkForecaster forecaster = new(one, model);
            float[] x = new float[one.Window * forecaster.InputSize], y = new float[1];
            WindowSet.Targeting(new TimeSeries(rows, values.Names.AsSpan()), (first + h)..(first + h + 1), one.Windows).CopyInputs([0], x);
            forecaster.Forecast(x, y);
            Assert.Equal(y[0], all[h], 1e-3);
            rows[((first + h) * channels) + values.Channel("load")] = y[0];
        }
    }

    [Fact]
    public void Where_a_network_gives_changes_a_network_of_zeros_is_the_naive_forecast()
    {
        TimeSeries values = Values(Direct);
        ForecastPlan plan = Direct with { Scaler = Scaler.Fit(ScalerKind.Standard, values.Select(Direct.Columns.AsSpan())) };
        ModelDefinition network = ForecastNetwork.Define(Settings, plan.PastChannels.Length, plan.Horizon);
        (float[] forecast, _, _) = Forecast(plan, new RecurrentModel(network, new ParameterSet(network)));
        Assert.All(forecast, value => Assert.Equal(values[Rows - plan.Horizon - 1, 0], value, 1e-4));
    }

    [Fact]
    public void Scaler_and_weights_see_the_training_rows_alone()
    {
        TimeSeries values = Values(Direct);
        float[] other = values.ToArray();
        other.AsSpan(240 * values.Channels).Fill(50); // the validation rows
        (double[] losses, double[] looked) = Learned(values);
        (double[] same, double[] changed) = Learned(new TimeSeries(other, values.Names.AsSpan()));
        Assert.Equal(losses, same);
        Assert.NotEqual(looked, changed);

        static (double[] Losses, double[] Looked) Learned(TimeSeries values)
        {
            using ForecastTraining training = new(Direct, values, "data", threads: 1, checkpoint: null);
            training.Run(progress: null, CancellationToken.None);
            return ([.. training.Trainer.History.Losses, .. training.Plan.Scaler!.Offsets, .. training.Plan.NaiveErrors], [.. training.Trainer.History.Epochs.Select(epoch => epoch.ValidationLoss!.Value)]);
        }
    }

    [Fact]
    public void A_season_is_found_under_a_slow_change_and_none_in_a_straight_line()
    {
        Assert.Equal(24, Season(i => (8 * MathF.Sin(2 * MathF.PI * i / 24)) + (30 * MathF.Sin(i / 300f))));
        Assert.Equal(7, Season(i => i % 7));
        Assert.Equal(1, Season(i => i));

        static int Season(Func<int, float> value)
        {
            LoadedSeries loaded = new("data", new TimeSeries(Enumerable.Range(0, 900).Select(value).ToArray(), "x"), Times: null, []);
            return Planning.Of(new TrainOptions { Data = "data" }, loaded).Season;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_training_that_is_resumed_ends_bit_for_bit_where_a_whole_one_does(int threads)
    {
        using Formats.TemporaryFolder folder = new();
        float[] whole = Weights(epochs: 5, threads: 1, resume: false, folder["whole"]);
        float[] half = Weights(epochs: 2, threads, resume: false, folder["half"]);
        Assert.NotEqual(whole, half);
        Assert.Equal(whole, Weights(epochs: 5, threads, resume: true, folder["half"]));

        static float[] Weights(int epochs, int threads, bool resume, string checkpoint)
        {
            ForecastPlan plan = Direct with { Training = Settings with { Epochs = epochs } };
            using ForecastTraining training = new(plan, Values(plan), "data", threads, checkpoint);
            if (resume)
                training.Trainer.LoadCheckpoint(checkpoint);
            ParameterSet parameters = training.Run(progress: null, CancellationToken.None).ExportParameters();
            return [.. parameters.Names.SelectMany(name => parameters[name].ToArray())];
        }
    }

    /// <summary>The forecast of the last rows.</summary>
    private static (float[] Value, float[] Lower, float[] Upper) Forecast(ForecastPlan plan, RecurrentModel model)
    {
        using NetworkForecaster forecaster = new(plan, model);
        float[] x = new float[plan.Window * forecaster.InputSize], y = new float[plan.Horizon * plan.Targets.Length];
        WindowSet.Targeting(Values(plan), (Rows - plan.Horizon).., plan.Windows).CopyInputs([0], x);
        forecaster.Forecast(x, y);
        return (y, forecaster.Lower.ToArray(), forecaster.Upper.ToArray());
    }

    private static TimeSeries Values(ForecastPlan plan)
    {
        float[] rows = [.. Enumerable.Range(0, Rows).SelectMany(i => VerbFolder.Hour(i).Split(',')[1..].Select(Number))];
        TimeSeries values = new TimeSeries(rows, "load", "temp").Select(plan.Columns.AsSpan());
        return plan.Calendar == 0 ? values : values.Join(CalendarFeatures.Of(new DateTime(2025, 1, 1), TimeSpan.FromHours(1), Rows, plan.Calendar));

        static float Number(string text) => float.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }
}
