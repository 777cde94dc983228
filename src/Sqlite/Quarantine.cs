using System.Globalization;

namespace Gateway.Sqlite;

/// <summary>Sets a damaged database aside with its log and index, so that somebody can look at it, and keeps a bounded number of such files.</summary>
public static class Quarantine
{
    private const string Mark = ".damaged-";

    /// <summary>Files that belong to one database; the first is the database itself.</summary>
    private static readonly string[] Suffixes = ["", "-wal", "-shm", "-journal"];

    /// <summary>Renames <paramref name="path"/> and its side files to <c>{path}.damaged-{UTC time}</c>; deletes the oldest above <paramref name="keep"/>.</summary>
    /// <returns>The new path of the database.</returns>
    /// <exception cref="IOException">A file cannot be renamed.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public static string SetAside(string path, DateTimeOffset now, int keep)
    {
        var target = FreeName(path + Mark + now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        // The log first: a database that lost its name before its log would leave a log that fits no database.
        for (var i = Suffixes.Length - 1; i >= 0; i--)
        {
            if (File.Exists(path + Suffixes[i])) File.Move(path + Suffixes[i], target + Suffixes[i]);
        }

        Trim(path, keep);
        return target;
    }

    private static string FreeName(string wanted)
    {
        var name = wanted;
        for (var i = 2; Array.Exists(Suffixes, suffix => Path.Exists(name + suffix)); i++) name = $"{wanted}-{i.ToString(CultureInfo.InvariantCulture)}";
        return name;
    }

    private static void Trim(string path, int keep)
    {
        var pattern = Path.GetFileName(path) + Mark + "*";
        var kept = new List<FileInfo>();
        foreach (var file in new DirectoryInfo(Path.GetDirectoryName(path)!).EnumerateFiles(pattern)) // a file in a directory has a parent
        {
            if (!Array.Exists(Suffixes, suffix => suffix.Length > 0 && file.Name.EndsWith(suffix, StringComparison.Ordinal))) kept.Add(file);
        }

        // By name, which holds the time: a rename does not touch the times of a file.
        kept.Sort((a, b) => string.CompareOrdinal(b.Name, a.Name));
        for (var i = keep; i < kept.Count; i++)
        {
            foreach (var suffix in Suffixes) File.Delete(kept[i].FullName + suffix);
        }
    }
}
