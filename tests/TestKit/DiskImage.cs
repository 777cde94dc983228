namespace Gateway.TestKit;

/// <summary>
/// A small ext4 file system of its own on a folder, for what only a real disk does: it goes read-only under programs that write to it, as the kernel does it after an error of the disk. (A
/// remount read-only is refused while somebody writes.) Needs root, mkfs.ext4 and a loop device.
/// </summary>
public sealed class DiskImage : IDisposable
{
    private readonly TempFolder _home = new();
    private readonly string _folder;

    private DiskImage(string folder) => _folder = folder;

    /// <summary>Makes it and mounts it.</summary>
    public static async Task<DiskImage> MountAsync(string folder, int mebibytes)
    {
        var image = new DiskImage(folder);
        try
        {
            await using (var file = File.Create(image._home["disk.img"])) file.SetLength((long)mebibytes << 20);
            await RunAsync("mkfs.ext4", "-q", "-F", "-m", "0", image._home["disk.img"]);
            await image.MountAsync();
            return image;
        }
        catch
        {
            image._home.Dispose();
            throw;
        }
    }

    /// <summary>What is written from now on is refused; what is there can be read.</summary>
    public Task AbortAsync() => RunAsync("mount", "-o", "remount,abort", _folder);

    /// <summary>Mounts it anew, writable. Nobody may have a file of it open.</summary>
    public async Task RepairAsync()
    {
        await RunAsync("umount", _folder);
        await MountAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Lazily: whatever a failed test left open there.
        Tool.RunAsync(ToolPath.Find("umount"), default, "-l", _folder).GetAwaiter().GetResult();
        _home.Dispose();
    }

    private Task MountAsync() => RunAsync("mount", "-t", "ext4", "-o", "loop", _home["disk.img"], _folder);

    private static async Task RunAsync(string tool, params string[] arguments)
    {
        var (exitCode, output) = await Tool.RunAsync(ToolPath.Find(tool), default, arguments);
        if (exitCode != 0) throw new InvalidOperationException($"{tool} ended with {exitCode}: {output}");
    }
}
