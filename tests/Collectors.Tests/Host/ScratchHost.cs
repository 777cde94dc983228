using Gateway.TestKit;

namespace Gateway.Collectors.Tests.Host;

/// <summary>Trees of a machine that a test writes file by file, in a temporary folder of its own, for what the recorded fixtures cannot hold: links, changes, damage.</summary>
internal sealed class ScratchHost : IDisposable
{
    private readonly TempFolder _folder = new();

    public ScratchHost() => Paths = new HostPaths(_folder["proc"], _folder["sys"], _folder["root"]);

    public string Root => _folder.Path;

    public HostPaths Paths { get; }

    /// <summary>Writes a file, for example <c>proc/stat</c>, or replaces it.</summary>
    public ScratchHost Write(string relative, string content)
    {
        _folder.Write(relative, content);
        return this;
    }

    /// <summary>Replaces a file by any bytes.</summary>
    public void Write(string relative, byte[] content) => File.WriteAllBytes(_folder[relative], content);

    /// <summary>Makes a symbolic link.</summary>
    public ScratchHost Link(string relative, string target)
    {
        var path = _folder[relative];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // below the root, so there is a parent
        File.CreateSymbolicLink(path, target);
        return this;
    }

    /// <summary>Starts with a copy of the recorded trees.</summary>
    public void CopyFixtures()
    {
        foreach (var file in Directory.EnumerateFiles(FixtureRoot.Folder, "*", SearchOption.AllDirectories))
        {
            var target = _folder[Path.GetRelativePath(FixtureRoot.Folder, file)];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!); // as above
            File.Copy(file, target);
        }
    }

    /// <summary>Removes a file, a link or a folder with all in it.</summary>
    public void Delete(string relative)
    {
        var path = _folder[relative];
        if (File.ResolveLinkTarget(path, returnFinalTarget: false) is null && Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }

    public void Dispose() => _folder.Dispose();
}
