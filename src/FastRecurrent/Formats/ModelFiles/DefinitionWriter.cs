using System.Buffers;
using System.Text;
using System.Text.Json;

namespace FastRecurrent.Formats;

/// <summary>A network's description as JSON, every option written out: a default that changes one day must not change old files.</summary>
internal static class DefinitionWriter
{
    public static string ToJson(ModelDefinition definition)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("input_size", definition.InputSize);
            json.WriteBoolean("input_is_vector", definition.InputIsVector);
            json.WriteStartArray("layers");
            foreach (LayerDefinition layer in definition.Layers)
            {
                json.WriteStartObject();
                Write(json, layer);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, LayerDefinition layer)
    {
        switch (layer)
        {
            case RecurrentLayer recurrent:
                json.WriteString("type", DefinitionNames.Recurrent);
                json.WriteString("direction", DefinitionNames.Directions.NameOf(recurrent.Direction));
                json.WriteString("merge", DefinitionNames.Merges.NameOf(recurrent.Merge));
                json.WriteNumber("recurrent_dropout", recurrent.RecurrentDropout);
                json.WriteNumber("hidden_zoneout", recurrent.HiddenZoneout);
                json.WriteNumber("cell_zoneout", recurrent.CellZoneout);
                Write(json, "cell", recurrent.Cell);
                if (recurrent.ReverseCell is { } reverse)
                {
                    Write(json, "reverse_cell", reverse);
                }

                break;
            case DenseLayer dense:
                json.WriteString("type", DefinitionNames.Dense);
                json.WriteNumber("size", dense.Size);
                json.WriteBoolean("bias", dense.Bias);
                Write(json, "activation", dense.Activation);
                break;
            case DropoutLayer dropout:
                json.WriteString("type", DefinitionNames.Dropout);
                json.WriteNumber("rate", dropout.Rate);
                break;
            case LayerNormLayer norm:
                json.WriteString("type", DefinitionNames.LayerNorm);
                json.WriteNumber("epsilon", norm.Epsilon);
                break;
            case BatchNormLayer norm:
                json.WriteString("type", DefinitionNames.BatchNorm);
                json.WriteNumber("epsilon", norm.Epsilon);
                break;
            case RepeatVectorLayer repeat:
                json.WriteString("type", DefinitionNames.RepeatVector);
                json.WriteNumber("steps", repeat.Steps);
                break;
            default:
                json.WriteString("type", layer switch
                {
                    SoftmaxLayer => DefinitionNames.Softmax,
                    LastStepLayer => DefinitionNames.LastStep,
                    FinalStateLayer => DefinitionNames.FinalState,
                    _ => throw new NotSupportedException($"A {layer.GetType().Name} has no form in a model file."),
                });
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, string name, RecurrentCell cell)
    {
        json.WriteStartObject(name);
        json.WriteString("type", cell switch
        {
            SimpleRnnCell => DefinitionNames.SimpleRnn,
            LstmCell => DefinitionNames.Lstm,
            GruCell => DefinitionNames.Gru,
            LayerNormLstmCell => DefinitionNames.LayerNormLstm,
            LayerNormGruCell => DefinitionNames.LayerNormGru,
            _ => throw new NotSupportedException($"A {cell.GetType().Name} has no form in a model file."),
        });
        json.WriteNumber("hidden_size", cell.HiddenSize);
        json.WriteBoolean("bias", cell.Bias);
        json.WriteNumber("gate_clip", cell.GateClip);
        switch (cell)
        {
            case SimpleRnnCell rnn:
                Write(json, "activation", rnn.Activation);
                break;
            case LstmCell lstm:
                Write(json, "gate_activation", lstm.GateActivation);
                Write(json, "candidate_activation", lstm.CandidateActivation);
                Write(json, "output_activation", lstm.OutputActivation);
                json.WriteBoolean("peepholes", lstm.Peepholes);
                json.WriteBoolean("coupled_input_forget", lstm.CoupledInputForget);
                json.WriteNumber("cell_clip", lstm.CellClip);
                json.WriteNumber("projection_size", lstm.ProjectionSize);
                break;
            case GruCell gru:
                Write(json, "gate_activation", gru.GateActivation);
                Write(json, "candidate_activation", gru.CandidateActivation);
                json.WriteBoolean("reset_after", gru.ResetAfter);
                break;
            case LayerNormCell norm:
                json.WriteNumber("epsilon", norm.Epsilon);
                break;
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Activation activation)
    {
        json.WriteStartObject(name);
        json.WriteString("kind", DefinitionNames.Activations.NameOf(activation.Kind));
        json.WriteNumber("alpha", activation.Alpha);
        json.WriteNumber("beta", activation.Beta);
        json.WriteEndObject();
    }
}
