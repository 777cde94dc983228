namespace Gateway.Cli.Output;

/// <summary>
/// A file that appears under its name when it is complete and on disk, and not before: written beside it, then renamed. Disposed without
/// <see cref="CompleteAsync"/>, nothing is left and what had the name stays.
/// </summary>
internal sealed class AtomicFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private bool _complete;

    private AtomicFile(string path, string temporary, FileStream stream) => (_path, _temporary, _stream) = (path, temporary, stream);

    /// <summary>Where to write.</summary>
    public Stream Stream => _stream;

    /// <summary>Begins a file.</summary>
    /// <exception cref="CliException">Nothing can be written there.</exception>
    public static AtomicFile Create(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full)) throw CliException.Failed($"{path} is a folder");
        var temporary = Path.Join(Path.GetDirectoryName(full), $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}");
        try
        {
            return new AtomicFile(full, temporary, new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Failed($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Syncs it and gives it its name.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await _stream.FlushAsync(cancellationToken);
        _stream.Flush(flushToDisk: true);
        await _stream.DisposeAsync();
        File.Move(_temporary, _path, overwrite: true);
        _complete = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        if (!_complete) File.Delete(_temporary);
    }
}
