namespace FastRecurrent.Training.Reference;

/// <summary>
/// y = LN(W x) + b: every matrix product of the engine. LN where the cell normalizes (each norm its own part of y), b where
/// there is a bias. A product may use a part of W's rows, and the same part of b.
/// </summary>
internal sealed class ReferenceProduct
{
    private readonly ReferenceParameter _weight;
    private readonly ReferenceParameter? _bias;
    private readonly ReferenceNorm[] _norms;
    private readonly int _firstRow;
    private readonly int _rows;

    public ReferenceProduct(ReferenceParameter weight, ReferenceParameter? bias, ReferenceNorm[]? norms = null)
        : this(weight, bias, 0, weight.Rows) => _norms = norms ?? [];

    public ReferenceProduct(ReferenceParameter weight, ReferenceParameter? bias, int firstRow, int rows)
    {
        _weight = weight;
        _bias = bias;
        _norms = [];
        _firstRow = firstRow;
        _rows = rows;
    }

    public Applied Forward(ReadOnlySpan<double> x)
    {
        double[] product = new double[_rows];
        for (int row = 0; row < _rows; row++)
        {
            ReadOnlySpan<double> w = _weight.Value.AsSpan((_firstRow + row) * _weight.Columns, _weight.Columns);
            for (int i = 0; i < x.Length; i++)
            {
                product[row] += w[i] * x[i];
            }
        }

        double[] y = _norms.Length == 0 ? product : new double[_rows];
        ReferenceNorm.Applied[] norms = [.. _norms.Select(norm => norm.Forward(product, y))];
        for (int row = 0; row < _rows && _bias is not null; row++)
        {
            y[row] += _bias.Value[_firstRow + row];
        }

        return new Applied(this, x.ToArray(), y, norms);
    }

    /// <summary>One use of the product: its y, and the way back from dy.</summary>
    internal sealed record Applied(ReferenceProduct Product, double[] X, double[] Y, ReferenceNorm.Applied[] Norms)
    {
        /// <summary>db += dy, d(W x) = LN'(dy), dW += d(W x) x^T, dx += W^T d(W x).</summary>
        public void Backward(double[] dy, Span<double> dx)
        {
            for (int row = 0; row < dy.Length && Product._bias is { } bias; row++)
            {
                bias.Gradient[Product._firstRow + row] += dy[row];
            }

            double[] dProduct = Norms.Length == 0 ? dy : new double[dy.Length];
            for (int i = 0; i < Norms.Length; i++)
            {
                Product._norms[i].Backward(Norms[i], dy, dProduct);
            }

            ReferenceParameter weight = Product._weight;
            for (int row = 0; row < dy.Length; row++)
            {
                int start = (Product._firstRow + row) * weight.Columns;
                for (int i = 0; i < X.Length; i++)
                {
                    weight.Gradient[start + i] += dProduct[row] * X[i];
                    dx[i] += weight.Value[start + i] * dProduct[row];
                }
            }
        }
    }
}
