namespace Gateway.TestKit;

/// <summary>A folder of its own for one test, with a short path: a socket's path has at most 107 bytes. Removed at the end.</summary>
public sealed class TempFolder : IDisposable
{
    /// <summary>Full path of the folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("gw-").FullName;

    /// <summary>Full path of something in it.</summary>
    public string this[string name] => System.IO.Path.Join(Path, name);

    /// <summary>Full path of the folder.</summary>
    public static implicit operator string(TempFolder folder) => folder.Path;

    /// <summary>Writes a file or replaces it, with the folders above it; gives its full path.</summary>
    public string Write(string name, string content)
    {
        var path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!); // below this folder, so there is a parent
        File.WriteAllText(path, content);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that was just killed may still have written into it; the system cleans /tmp.
        }
    }
}
