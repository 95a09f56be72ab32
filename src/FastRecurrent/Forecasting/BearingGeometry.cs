namespace FastRecurrent;

/// <summary>
/// A rolling bearing's geometry, which sets how often its parts strike a fault (kinematics without slip; Randall and Antoni 2011).
/// Frequencies are per revolution of the shaft.
/// </summary>
public sealed record BearingGeometry
{
    /// <summary>Rolling elements. The defaults are those of the deep-groove ball bearing 6205.</summary>
    public int Balls { get; init; } = 9;

    /// <summary>Diameter of a rolling element, in mm.</summary>
    public double BallDiameter { get; init; } = 7.94;

    /// <summary>Diameter of the circle of their centres, in mm.</summary>
    public double PitchDiameter { get; init; } = 39.04;

    /// <summary>Angle of contact, in degrees.</summary>
    public double ContactAngle { get; init; }

    /// <summary>Strikes of a fault on the outer race: n/2 (1 - d/D cos a).</summary>
    public double OuterRaceOrder => Balls / 2.0 * (1 - Ratio);

    /// <summary>Strikes of a fault on the inner race: n/2 (1 + d/D cos a).</summary>
    public double InnerRaceOrder => Balls / 2.0 * (1 + Ratio);

    /// <summary>Turns of a rolling element about itself: D/2d (1 - (d/D cos a)^2). A fault on it strikes both races, twice a turn.</summary>
    public double BallSpinOrder => PitchDiameter / (2 * BallDiameter) * (1 - (Ratio * Ratio));

    /// <summary>Turns of the cage: 1/2 (1 - d/D cos a).</summary>
    public double CageOrder => 0.5 * (1 - Ratio);

    private double Ratio => BallDiameter / PitchDiameter * Math.Cos(ContactAngle * Math.PI / 180);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Balls, 1);
        if (!(BallDiameter > 0 && PitchDiameter > BallDiameter && double.IsFinite(PitchDiameter) && ContactAngle is >= 0 and < 90))
        {
            throw new ArgumentException(
                $"A bearing with balls of {BallDiameter} mm on a circle of {PitchDiameter} mm at {ContactAngle} degrees cannot be; wanted 0 < ball < pitch and 0 to 90 degrees.");
        }
    }
}
