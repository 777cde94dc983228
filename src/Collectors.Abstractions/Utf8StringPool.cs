using System.Text;

namespace Gateway.Collectors;

/// <summary>Strings by their UTF-8 bytes: names that come with every run (devices, states) are decoded once. Not thread-safe.</summary>
internal sealed class Utf8StringPool
{
    /// <summary>Above this number the pool is emptied at the end of a run: whatever lives on is decoded once more.</summary>
    private const int MaxStrings = 4096;

    private readonly HashSet<string> _strings = new(Comparer.Instance);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public Utf8StringPool() => _lookup = _strings.GetAlternateLookup<ReadOnlySpan<byte>>();

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (_lookup.TryGetValue(utf8, out var known)) return known;
        var text = Encoding.UTF8.GetString(utf8);
        _strings.Add(text);
        return text;
    }

    public void EndRun()
    {
        if (_strings.Count > MaxStrings) _strings.Clear();
    }

    /// <summary>Compares and hashes text as its UTF-8 bytes. Bytes that are no UTF-8 equal no string and are decoded each time.</summary>
    private sealed class Comparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
    {
        public static readonly Comparer Instance = new();

        private const int StackBytes = 256;

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode(string text)
        {
            Span<byte> bytes = Encoding.UTF8.GetMaxByteCount(text.Length) <= StackBytes ? stackalloc byte[StackBytes] : Encoding.UTF8.GetBytes(text);
            return bytes.Length == StackBytes && Encoding.UTF8.TryGetBytes(text, bytes, out var written)
                ? GetHashCode((ReadOnlySpan<byte>)bytes[..written])
                : GetHashCode((ReadOnlySpan<byte>)Encoding.UTF8.GetBytes(text));
        }

        public int GetHashCode(ReadOnlySpan<byte> utf8)
        {
            var hash = default(HashCode);
            hash.AddBytes(utf8);
            return hash.ToHashCode();
        }

        public bool Equals(ReadOnlySpan<byte> utf8, string text)
        {
            if (utf8.Length == text.Length && System.Text.Ascii.Equals(utf8, text)) return true;
            return Encoding.UTF8.GetByteCount(text) == utf8.Length && Encoding.UTF8.GetString(utf8) == text;
        }

        public string Create(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
    }
}
