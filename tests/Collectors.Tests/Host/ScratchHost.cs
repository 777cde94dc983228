using Gateway.TestKit;

namespace Gateway.Collectors.Tests.Host;

/// <summary>Trees of a machine that a test writes file by file, in a temporary folder of its own.</summary>
internal sealed class ScratchHost : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-host-");

    public ScratchHost() => Paths = new HostPaths(Path.Join(_folder.FullName, "proc"), Path.Join(_folder.FullName, "sys"), Path.Join(_folder.FullName, "root"));

    public HostPaths Paths { get; }

    /// <summary>Writes a file, for example <c>proc/stat</c>, or replaces it.</summary>
    public void Write(string relative, string content)
    {
        var path = Path.Join(_folder.FullName, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // never null: the folder stands before it
        File.WriteAllText(path, content);
    }

    /// <summary>Writes a file of any bytes.</summary>
    public void Write(string relative, byte[] content) => File.WriteAllBytes(Path.Join(_folder.FullName, relative), content);

    /// <summary>Starts with a copy of the recorded trees.</summary>
    public void CopyFixtures()
    {
        foreach (var file in Directory.EnumerateFiles(FixtureRoot.Folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Join(_folder.FullName, Path.GetRelativePath(FixtureRoot.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!); // never null: the folder stands before it
            File.Copy(file, target);
        }
    }

    public void Delete(string relative) => File.Delete(Path.Join(_folder.FullName, relative));

    public void Dispose() => _folder.Delete(recursive: true);
}
