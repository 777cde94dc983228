using System.IO.Enumeration;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// The entries of a sysfs folder with one object of the caller's per entry, kept as long as the entry is there: paths and names are built once, and a
/// listing that finds what it knows allocates a few hundred bytes whatever its length. Not thread-safe.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="takes">Which new names are wanted; gets the name and whether it is a folder (links are followed).</param>
/// <param name="create">Builds the object of a new entry from its name and full path.</param>
internal sealed class DeviceFolder<T>(string path, DeviceFolder<T>.NameTest takes, Func<string, string, T> create)
    where T : class
{
    /// <summary>Decides about a name without keeping it.</summary>
    internal delegate bool NameTest(ReadOnlySpan<char> name, bool isFolder);

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly List<T> _items = [];
    private readonly List<string> _gone = [];
    private FileSystemEnumerable<Slot>? _listing;
    private long _run;

    /// <summary>The objects of the entries found by the last <see cref="Refresh"/>, in ordinal order of their names.</summary>
    public IReadOnlyList<T> Items => _items;

    /// <summary>Lists the folder; true when entries came or went since the last call.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder is not there.</exception>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to list it.</exception>
    public bool Refresh()
    {
        _run++;
        var before = _slots.Count;
        var seen = 0;
        _listing ??= Listing();
        foreach (var slot in _listing)
        {
            slot.Run = _run;
            seen++;
        }

        if (_slots.Count == before && seen == before) return false;
        Rebuild();
        return true;
    }

    private void Rebuild()
    {
        _gone.Clear();
        foreach (var (name, slot) in _slots)
        {
            if (slot.Run != _run) _gone.Add(name);
        }

        foreach (var name in _gone) _slots.Remove(name);
        _items.Clear();
        foreach (var name in _slots.Keys.Order(StringComparer.Ordinal)) _items.Add(_slots[name].Item);
    }

    private FileSystemEnumerable<Slot> Listing()
    {
        var lookup = _slots.GetAlternateLookup<ReadOnlySpan<char>>();
        return new FileSystemEnumerable<Slot>(path, Find, Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => lookup.ContainsKey(entry.FileName) || takes(entry.FileName, entry.IsDirectory),
        };

        Slot Find(ref FileSystemEntry entry)
        {
            if (lookup.TryGetValue(entry.FileName, out var slot)) return slot;
            var name = entry.FileName.ToString();
            return _slots[name] = new Slot(create(name, Path.Join(path, name)));
        }
    }

    private sealed class Slot(T item)
    {
        public T Item { get; } = item;

        public long Run { get; set; }
    }
}
