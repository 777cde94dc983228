namespace Gateway.Collectors.Tests.Host;

/// <summary>A small tree of kernel files in a folder of its own, for what the recorded fixtures cannot hold: links, changes, damage.</summary>
internal sealed class TemporaryTree : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("gateway-tree-").FullName;

    public HostPaths Paths => new(Path.Join(Root, "proc"), Path.Join(Root, "sys"), Path.Join(Root, "root"));

    public TemporaryTree Write(string relative, string content)
    {
        var path = Path.Join(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // the path has a folder: it is below Root
        File.WriteAllText(path, content);
        return this;
    }

    public TemporaryTree Link(string relative, string target)
    {
        var path = Path.Join(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // as above
        File.CreateSymbolicLink(path, target);
        return this;
    }

    public void Delete(string relative)
    {
        var path = Path.Join(Root, relative);
        if (File.ResolveLinkTarget(path, returnFinalTarget: false) is null && Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
