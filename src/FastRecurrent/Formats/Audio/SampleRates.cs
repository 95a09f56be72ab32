using System.Globalization;

namespace FastRecurrent.Formats;

/// <summary>Sample rates as audio models have them: numbers, whole or not, or numbers as text.</summary>
internal static class SampleRates
{
    /// <summary>The rate in a member of an object, or null where either is missing or null.</summary>
    public static int? Read(JsonItem? owner, string name)
    {
        if (owner is not { IsObject: true } item || item.Find(name) is not { IsNull: false } rate)
        {
            return null;
        }

        float value = rate.IsText && float.TryParse(rate.Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out float parsed) ? parsed : rate.Number();
        return value >= 1 && value <= AudioSettings.MaxSampleRate && value == MathF.Truncate(value)
            ? (int)value
            : throw rate.Wrong($"a sample rate from 1 to {AudioSettings.MaxSampleRate}");
    }
}
