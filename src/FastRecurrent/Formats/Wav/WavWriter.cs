using System.Buffers.Binary;

namespace FastRecurrent.Formats;

/// <summary>Writes RIFF WAVE block by block to a stream that can seek; <see cref="Finish"/> fills in the lengths.</summary>
internal sealed class WavWriter
{
    private const int HeaderBytes = 44;

    private readonly Stream _stream;
    private readonly WavFormat _format;
    private byte[] _bytes = [];
    private long _dataBytes;

    public WavWriter(Stream stream, WavFormat format)
    {
        _stream = stream;
        _format = format;
        WriteHeader();
    }

    /// <summary>Writes frames, interleaved [frames, channels]. Integer samples beyond -1..1 are clipped to it.</summary>
    public void Write(ReadOnlySpan<float> samples)
    {
        int bytes = samples.Length * _format.SampleBytes;
        if (_bytes.Length < bytes)
        {
            _bytes = new byte[bytes];
        }

        Encode(samples, _bytes);
        _stream.Write(_bytes.AsSpan(0, bytes));
        _dataBytes += bytes;
    }

    /// <summary>Writes the header again with the lengths.</summary>
    /// <exception cref="InvalidOperationException">There are more data than WAV can hold (4 GiB).</exception>
    public void Finish()
    {
        if (_dataBytes > uint.MaxValue - HeaderBytes)
        {
            throw new InvalidOperationException($"{_dataBytes} bytes of samples are more than a WAV file can hold (4 GiB).");
        }

        if ((_dataBytes & 1) == 1)
        {
            _stream.WriteByte(0); // chunks end at even bytes
        }

        long end = _stream.Position;
        _stream.Position = 0;
        WriteHeader();
        _stream.Position = end;
    }

    private void WriteHeader()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(HeaderBytes - 8 + _dataBytes + (_dataBytes & 1)));
        "WAVEfmt "u8.CopyTo(header[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], _format.Tag);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)_format.Channels);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], (uint)_format.SampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], (uint)(_format.SampleRate * _format.FrameBytes));
        BinaryPrimitives.WriteUInt16LittleEndian(header[32..], (ushort)_format.FrameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[34..], (ushort)(8 * _format.SampleBytes));
        "data"u8.CopyTo(header[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], (uint)_dataBytes);
        _stream.Write(header);
    }

    private void Encode(ReadOnlySpan<float> samples, Span<byte> bytes)
    {
        switch (_format.Sample)
        {
            case WavSample.Pcm16:
                for (int i = 0; i < samples.Length; i++)
                {
                    BinaryPrimitives.WriteInt16LittleEndian(bytes[(2 * i)..], (short)Rounded(samples[i], 32768));
                }

                break;
            case WavSample.Pcm24:
                for (int i = 0; i < samples.Length; i++)
                {
                    int value = Rounded(samples[i], 8388608);
                    bytes[3 * i] = (byte)value;
                    bytes[(3 * i) + 1] = (byte)(value >> 8);
                    bytes[(3 * i) + 2] = (byte)(value >> 16);
                }

                break;
            default:
                for (int i = 0; i < samples.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(4 * i)..], samples[i]);
                }

                break;
        }
    }

    private static int Rounded(float sample, int scale) => (int)Math.Clamp(Math.Round((double)sample * scale), -scale, scale - 1);
}
