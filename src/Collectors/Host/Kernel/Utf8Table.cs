using System.Diagnostics.CodeAnalysis;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// What a collector keeps per name read from the kernel (field, device), found by the name's bytes without decoding or allocating. Not thread-safe.
/// </summary>
internal sealed class Utf8Table<TValue>
    where TValue : class
{
    /// <summary>More names than any kernel file has; above it the table is emptied after the run, and what lives on is built once more.</summary>
    private const int MaxNames = 4096;

    private readonly Dictionary<byte[], TValue> _values = new(Comparer.Instance);
    private readonly Dictionary<byte[], TValue>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public Utf8Table() => _lookup = _values.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>What is kept for a name; false when nothing is.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, [MaybeNullWhen(false)] out TValue value) => _lookup.TryGetValue(name, out value);

    /// <summary>Keeps a value for a name, in place of an older one.</summary>
    public void Set(ReadOnlySpan<byte> name, TValue value) => _lookup[name] = value;

    /// <summary>Ends a run: keeps the table bounded.</summary>
    public void EndRun()
    {
        if (_values.Count > MaxNames) _values.Clear();
    }

    private sealed class Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] name) => GetHashCode(name.AsSpan());

        public bool Equals(ReadOnlySpan<byte> name, byte[] other) => name.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> name)
        {
            var hash = default(HashCode);
            hash.AddBytes(name);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> name) => name.ToArray();
    }
}
