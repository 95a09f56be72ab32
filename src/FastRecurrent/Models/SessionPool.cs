using Microsoft.Extensions.ObjectPool;

namespace FastRecurrent;

/// <summary>
/// Sessions for concurrent callers: rent one, use it, dispose the lease. A returned session is reset and handed out again.
/// Thread-safe.
/// </summary>
public sealed class SessionPool
{
    private readonly DefaultObjectPool<StreamingSession> _pool;

    internal SessionPool(RecurrentModel model, int maxRetained, LiveModel? live = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRetained, 1);
        model.RequireStreaming();
        _pool = new DefaultObjectPool<StreamingSession>(new Policy(model, live), maxRetained);
    }

    /// <summary>A session with a zero state, until the lease is disposed.</summary>
    public Lease Rent() => new(_pool, _pool.Get());

    /// <summary>Numbers the leases, so that an old lease cannot end a new one.</summary>
    private static long _tokens;

    private sealed class Policy(RecurrentModel model, LiveModel? live) : PooledObjectPolicy<StreamingSession>
    {
        public override StreamingSession Create() => live is null ? model.CreateSession() : live.CreateSession();

        public override bool Return(StreamingSession obj)
        {
            if (obj.IsDisposed)
            {
                return false;
            }

            obj.Reset();
            return true;
        }
    }

    /// <summary>The right to use a session; disposing it gives the session back, once: disposing it again does nothing.</summary>
    public readonly struct Lease : IDisposable, IEquatable<Lease>
    {
        private readonly ObjectPool<StreamingSession>? _pool;
        private readonly long _token;

        internal Lease(ObjectPool<StreamingSession> pool, StreamingSession session)
        {
            _pool = pool;
            _token = Interlocked.Increment(ref _tokens);
            Session = session;
            Volatile.Write(ref session.LeaseToken, _token);
        }

        /// <summary>The rented session; not to be used after the lease was disposed.</summary>
        public StreamingSession Session { get; }

        /// <summary>Gives the session back.</summary>
        public void Dispose()
        {
            if (_pool is not null && Interlocked.CompareExchange(ref Session.LeaseToken, 0, _token) == _token)
            {
                _pool.Return(Session);
            }
        }

        /// <inheritdoc/>
        public bool Equals(Lease other) => _token == other._token;

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is Lease other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => _token.GetHashCode();

        /// <summary>Whether both are the same lease.</summary>
        public static bool operator ==(Lease left, Lease right) => left.Equals(right);

        /// <summary>Whether they are different leases.</summary>
        public static bool operator !=(Lease left, Lease right) => !left.Equals(right);
    }
}
