using Microsoft.Extensions.ObjectPool;

namespace FastRecurrent;

/// <summary>
/// Sessions for concurrent callers: rent one, use it, dispose the lease. A returned session is reset and handed out again.
/// Thread-safe.
/// </summary>
public sealed class SessionPool
{
    private readonly DefaultObjectPool<StreamingSession> _pool;

    internal SessionPool(RecurrentModel model, int maxRetained)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRetained, 1);
        model.RequireStreaming();
        _pool = new DefaultObjectPool<StreamingSession>(new Policy(model), maxRetained);
    }

    /// <summary>A session with a zero state, until the lease is disposed.</summary>
    public Lease Rent() => new(_pool, _pool.Get());

    private sealed class Policy(RecurrentModel model) : PooledObjectPolicy<StreamingSession>
    {
        public override StreamingSession Create() => model.CreateSession();

        public override bool Return(StreamingSession obj)
        {
            obj.Reset();
            return true;
        }
    }

    /// <summary>The right to use a session; disposing it gives the session back. Dispose it once.</summary>
    public readonly struct Lease : IDisposable, IEquatable<Lease>
    {
        private readonly ObjectPool<StreamingSession> _pool;

        internal Lease(ObjectPool<StreamingSession> pool, StreamingSession session)
        {
            _pool = pool;
            Session = session;
        }

        /// <summary>The rented session; not to be used after the lease was disposed.</summary>
        public StreamingSession Session { get; }

        /// <summary>Gives the session back.</summary>
        public void Dispose() => _pool.Return(Session);

        /// <inheritdoc/>
        public bool Equals(Lease other) => ReferenceEquals(Session, other.Session);

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is Lease other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => Session.GetHashCode();

        /// <summary>Whether both are leases of the same session.</summary>
        public static bool operator ==(Lease left, Lease right) => left.Equals(right);

        /// <summary>Whether the leases are of different sessions.</summary>
        public static bool operator !=(Lease left, Lease right) => !left.Equals(right);
    }
}
