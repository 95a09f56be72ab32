using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Cli.Models;
using FastRecurrent.Files;
using FastRecurrent.Formats;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>process</c>: a WAV file through an audio model, channel by channel.</summary>
internal static class ProcessCommand
{
    private const int BlockFrames = 4096;

    public static Command Create(CancellationToken stop)
    {
        Argument<string> model = ModelArguments.Model();
        Argument<string> input = ModelArguments.File("in", "WAV of 16 or 24 bits or 32-bit float");
        Argument<string> output = ModelArguments.File("out", "The WAV to write, in the input's form");
        Option<float[]> controls = ModelArguments.Controls();
        Option<bool> anyRate = new("--any-rate") { Description = "Also process audio of another sample rate than the model's, which sounds different" };
        Option<WavSample?> format = NumberOptions.Choice<WavSample?>(
            "--format", "The form of the output's samples (default: the input's)", ("16", WavSample.Pcm16), ("24", WavSample.Pcm24), ("float", WavSample.Float32));
        Option<bool> json = ModelArguments.Json();
        Command command = new("process", "Runs a WAV file through an audio model.") { model, input, output, controls, anyRate, format, json };
        command.SetAction(parsed =>
        {
            OutputPath.RequireNew("out", parsed.GetValue(output)!, parsed.GetValue(model)!, parsed.GetValue(input)!);
            OutputPath.RequireFolder("out", parsed.GetValue(output)!);
            LoadedModel loaded = ModelFiles.OpenEngine(parsed.GetValue(model)!, "process");
            AudioModel audio = new(loaded.Model, loaded.Audio);
            string source = parsed.GetValue(input)!;
            if (!File.Exists(source))
            {
                throw new ModelFormatException(source, "", $"there is no such file{(Directory.Exists(source) ? ", but a folder of that name" : "")}; wanted a WAV file.");
            }

            using FileStream stream = File.OpenRead(source);
            WavReader reader = new(source, stream);
            if (audio.Settings.SampleRate is { } rate && rate != reader.Format.SampleRate && !parsed.GetValue(anyRate))
            {
                throw new ArgumentException($"{source}: the sample rate is {reader.Format.SampleRate}, the model's {rate}; resample it, or take --any-rate.");
            }

            if (audio.Settings.SampleRate is null)
            {
                Console.Error.WriteLine($"{parsed.GetValue(model)} does not say its sample rate; at another one than it was trained at it sounds different. "
                    + $"This audio has {reader.Format.SampleRate} Hz.");
            }

            WavFormat written = reader.Format with { Sample = parsed.GetValue(format) ?? reader.Format.Sample };
            TimeSpan time = TimeSpan.Zero;
            AtomicFile.Write(parsed.GetValue(output)!, file => time = Process(audio, parsed.GetValue(controls)!, reader, new WavWriter(file, written), stop));
            Console.Out.WriteLine(parsed.GetValue(json) ? Line(parsed.GetValue(output)!, reader, time) : Sentence(reader, time));
            return ExitCode.Success;
        });
        return command;
    }

    private static string Sentence(WavReader reader, TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Seconds(reader):0.00} s of audio, {Format.Counted(reader.Format.Channels, "channel")}, {reader.Format.SampleRate} Hz in {Format.Time(time.TotalNanoseconds)}: "
        + $"{RealTimeFactor(reader, time):0.0} times real time, {Format.Time(SampleNs(reader, time))} a sample");

    private static string Line(string output, WavReader reader, TimeSpan time) => JsonText.Object(json =>
    {
        json.WriteString("output", output);
        json.WriteNumber("seconds", Seconds(reader));
        json.WriteNumber("channels", reader.Format.Channels);
        json.WriteNumber("sample_rate", reader.Format.SampleRate);
        json.WriteNumber("frames", reader.Frames);
        json.WriteNumber("time_ns", time.TotalNanoseconds);
        json.WriteNumber("real_time_factor", RealTimeFactor(reader, time));
        json.WriteNumber("sample_ns", SampleNs(reader, time));
    });

    private static double Seconds(WavReader reader) => (double)reader.Frames / reader.Format.SampleRate;

    /// <summary>Seconds of audio for each second of work.</summary>
    private static double RealTimeFactor(WavReader reader, TimeSpan time) => Seconds(reader) / Math.Max(time.TotalSeconds, 1e-9);

    private static double SampleNs(WavReader reader, TimeSpan time) => time.TotalNanoseconds / Math.Max(reader.Frames * reader.Format.Channels, 1);

    /// <summary>Everything in blocks; returns the time that the model itself took.</summary>
    private static TimeSpan Process(AudioModel audio, float[] controls, WavReader reader, WavWriter writer, CancellationToken stop)
    {
        int channels = reader.Format.Channels;
        AudioSession[] sessions = [.. Enumerable.Range(0, channels).Select(_ => ModelArguments.Session(audio, controls))];
        float[] frames = new float[BlockFrames * channels];
        float[] channel = new float[BlockFrames];
        foreach (AudioSession session in sessions)
        {
            // The runtime compiles what a block needs at the first one, which is not the model's time.
            session.Process(channel, channel);
            session.Reset();
        }

        long ticks = 0;
        for (int count = reader.Read(frames); count > 0; count = reader.Read(frames))
        {
            stop.ThrowIfCancellationRequested();
            for (int c = 0; c < channels; c++)
            {
                for (int i = 0; i < count; i++)
                {
                    channel[i] = frames[(i * channels) + c];
                }

                long start = Stopwatch.GetTimestamp();
                sessions[c].Process(channel.AsSpan(0, count), channel.AsSpan(0, count));
                ticks += Stopwatch.GetTimestamp() - start;
                for (int i = 0; i < count; i++)
                {
                    frames[(i * channels) + c] = channel[i];
                }
            }

            writer.Write(frames.AsSpan(0, count * channels));
        }

        writer.Finish();
        return Stopwatch.GetElapsedTime(0, ticks);
    }
}
