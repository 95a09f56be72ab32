namespace FastRecurrent.Tests;

/// <summary>
/// R11: a state that decays reaches 0 without passing through subnormals, which cost a hundred cycles each and which .NET
/// cannot have the processor flush.
/// </summary>
public class SubnormalTests
{
    private const int Hidden = 19;
    private const int Steps = 400;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_decaying_state_holds_no_subnormal_at_any_step(string cell)
    {
        (StreamingSession session, ModelDefinition definition) = Decaying(cell);
        float[] x = new float[1], y = new float[definition.OutputSize];
        for (int step = 0; step < Steps; step++)
        {
            session.Step(x, y);
            float[] state = States.Row(definition, session.SaveState(), 0);
            Assert.DoesNotContain(y, float.IsSubnormal);
            Assert.DoesNotContain(state, float.IsSubnormal);
        }
    }

    /// <summary>That the test above passes through where subnormals would be: cells without a constant of their own reach 0.</summary>
    [Theory]
    [InlineData("SimpleRnn Tanh")]
    [InlineData("SimpleRnn Elu")]
    [InlineData("Lstm")]
    [InlineData("Lstm peepholes")]
    [InlineData("Lstm projection")]
    [InlineData("Lstm cell clip")]
    [InlineData("Gru")]
    [InlineData("Gru before")]
    public void A_decaying_state_passes_1e_20_and_reaches_zero(string cell)
    {
        (StreamingSession session, ModelDefinition definition) = Decaying(cell);
        float[] x = new float[1], y = new float[definition.OutputSize];
        bool wasTiny = false;
        for (int step = 0; step < Steps; step++)
        {
            session.Step(x, y);
            wasTiny |= Array.Exists(y, value => value != 0 && MathF.Abs(value) < 1e-20f);
        }

        Assert.True(wasTiny);
        Assert.All(States.Row(definition, session.SaveState(), 0), value => Assert.Equal(0, value));
    }

    /// <summary>Small weights, no biases, a large initial state, no input: what is there halves or so at every step.</summary>
    private static (StreamingSession Session, ModelDefinition Definition) Decaying(string cell)
    {
        Draw draw = new(11);
        ModelDefinition definition = new ModelBuilder(1).Recurrent(CellCatalogue.Create(cell, Hidden, draw)).Build();
        ParameterSet parameters = Weights.Draw(definition, draw);
        foreach (string name in parameters.Names)
        {
            foreach (ref float value in parameters[name])
                value = name.Contains("bias", StringComparison.Ordinal) ? 0 : value * 0.3f;
        }

        RecurrentModel model = new(definition, parameters);
        RecurrentState state = model.CreateState();
        States.ForEach(definition, state, 0, values => draw.Fill(values, -1, 1));
        StreamingSession session = model.CreateSession();
        session.RestoreState(state);
        return (session, definition);
    }
}
