using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Lecture;

/// <summary>All results of the lecture.</summary>
internal sealed record LectureOutcome(
    LectureOptions Options, LectureData Next, LectureData Ahead, ImmutableArray<LectureResult> Results, TimeSpan Time, bool IsCancelled)
{
    public IEnumerable<LectureResult> Of(LectureTask task) => Results.Where(result => result.Task == task);

    /// <summary>The trained model with the least validation error; null where nothing was trained.</summary>
    public LectureResult? Best(LectureTask task) => Of(task).Where(result => result.Trained is not null).MinBy(result => result.ValidationMse);

    public LectureData Data(LectureTask task) => task == LectureTask.NextValue ? Next : Ahead;
}

/// <summary>
/// The whole lecture. Each model is trained on one thread, as many at the same time as there are threads: the networks are so small that
/// two threads gain more with two models than with one, and no result depends on it.
/// </summary>
internal sealed class LectureRun(LectureOptions options, Action<string> report, CancellationToken stop)
{
    private readonly ImmutableArray<LectureModel> _models = LectureModel.All(options);
    private readonly Lock _lock = new();
    private int _done;

    public LectureOutcome Run()
    {
        long start = Stopwatch.GetTimestamp();
        report("making the series");
        LectureData next = LectureData.For(LectureTask.NextValue, options), ahead = LectureData.For(LectureTask.TenAhead, options);
        LectureCheckpoints checkpoints = new(options, next, ahead);
        if (options.Resume)
        {
            checkpoints.Require(_models);
        }

        List<LectureResult> results = [.. LectureBaselines.Of(LectureTask.NextValue, next), .. LectureBaselines.Of(LectureTask.TenAhead, ahead)];
        var trained = new TrainedModel?[_models.Length];
        TrainAll(trained, task => task == LectureTask.NextValue ? next : ahead, checkpoints);
        foreach (TrainedModel model in trained.Where(model => model?.History.Losses.Count > 0).Select(model => model!))
        {
            results.Add(Judge(model, model.Model.Task == LectureTask.NextValue ? next : ahead));
        }

        results.AddRange(Recursive(results, ahead));
        return new LectureOutcome(options, next, ahead, [.. Ordered(results)], Stopwatch.GetElapsedTime(start), stop.IsCancellationRequested);
    }

    private void TrainAll(TrainedModel?[] trained, Func<LectureTask, LectureData> data, LectureCheckpoints checkpoints)
    {
        // The longest first, so that no thread is left with a long one at the end.
        int[] order = [.. Enumerable.Range(0, _models.Length).OrderByDescending(i => _models[i].Network.ParameterCount)];
        int taken = -1;
        try
        {
            Parallel.For(0, Math.Min(options.Threads, _models.Length), new ParallelOptions { MaxDegreeOfParallelism = options.Threads }, _ =>
            {
                for (int k = Interlocked.Increment(ref taken); k < order.Length && !stop.IsCancellationRequested; k = Interlocked.Increment(ref taken))
                {
                    LectureModel model = _models[order[k]];
                    trained[order[k]] = new LectureTraining(model, options, data(model.Task), checkpoints).Run(progress => Say(model, progress), stop);
                    Interlocked.Increment(ref _done);
                }
            });
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }

    private void Say(LectureModel model, TrainingProgress progress)
    {
        lock (_lock)
        {
            string epoch = $"epoch {progress.Epoch + 1} of {options.Epochs}: {Format.Number(progress.ValidationLoss ?? double.NaN, "0.0000")}";
            report($"{_done} of {_models.Length} models trained; {model.Label}, {epoch}");
        }
    }

    private static LectureResult Judge(TrainedModel trained, LectureData data)
    {
        LectureModel model = trained.Model;
        ModelForecaster forecaster = new(trained.Network, data.Steps, data.Horizon);
        return LectureResult.Of(model.Name, model.Label, model.Task, forecaster, data) with
        {
            Trained = trained,
            Parameters = model.Network.ParameterCount,
        };
    }

    /// <summary>Networks for the next value, applied again and again to what they forecast.</summary>
    private static IEnumerable<LectureResult> Recursive(List<LectureResult> results, LectureData ahead)
    {
        foreach (LectureResult result in results.Where(result => result.Task == LectureTask.NextValue && result.Trained is { Model.Form: LectureForm.LastStep }
            && result.Parameters > LectureModel.TinyParameters).ToArray())
        {
            RecursiveForecaster forecaster = new(new ModelForecaster(result.Trained!.Network, ahead.Steps), ahead.Horizon);
            yield return LectureResult.Of($"{result.Name}, {ahead.Horizon} times", $"{result.Label}, recursive", LectureTask.TenAhead, forecaster, ahead) with
            {
                Parameters = result.Parameters,
                IsRecursive = true,
            };
        }
    }

    /// <summary>Baselines, linear, recursive, direct, sequence to sequence; with the published figures where the data are the published ones.</summary>
    private IEnumerable<LectureResult> Ordered(List<LectureResult> results) => results
        .Select(WithPublished)
        .OrderBy(result => result.Task)
        .ThenBy(Rank);

    private LectureResult WithPublished(LectureResult result)
    {
        double? published = options.HasCourseData ? LecturePublished.Mse(result.Task, result.Label) : null;
        bool isComparable = published is not null && (options.HasCourseTraining || result.Label is LectureBaselines.Naive or LectureBaselines.LeastSquares)
            && result.Trained is not { History.End: TrainingEnd.Cancelled };
        return result with { Published = published, Verdict = isComparable ? LecturePublished.Verdict(result.ValidationMse, published!.Value) : "" };
    }

    private static int Rank(LectureResult result) => result switch
    {
        { Label: LectureBaselines.Naive } => 0,
        { Label: LectureBaselines.LeastSquares } => 1,
        { Trained.Model.Form: LectureForm.Flat } => 2,
        { IsRecursive: true } => 3,
        { Trained.Model.Form: LectureForm.LastStep } => 4,
        _ => 5,
    };
}
