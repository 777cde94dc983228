namespace Gateway.Tests.Support;

/// <summary>A folder of one test. Short, because paths of sockets are.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("gw").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Join(Path, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
