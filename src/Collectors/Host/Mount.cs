using Gateway.Collectors.Host.Kernel;

namespace Gateway.Collectors.Host;

/// <summary>
/// A mount point and what is known of it. The collector's thread owns it, but for the time between <see cref="TryBegin"/> and <see cref="End"/>, in which
/// the thread that asks the file system owns the answer.
/// </summary>
internal sealed class Mount(string mountPoint, byte[] path)
{
    /// <summary>Value of <see cref="Error"/> for a file system that was not asked: too many others hang.</summary>
    public const int NotAsked = -1;

    private volatile bool _asking;

    /// <summary>The mount point as the host sees it.</summary>
    public string MountPoint { get; } = mountPoint;

    /// <summary>The mount point as this process sees it, in the bytes of the file system, ending in a zero.</summary>
    public byte[] Path { get; } = path;

    /// <summary>What is mounted there now: the last line of the table.</summary>
    public string Device { get; private set; } = "";

    /// <summary>Type of the file system.</summary>
    public string Type { get; private set; } = "";

    /// <summary>True when mounted read-only.</summary>
    public bool IsReadOnly { get; private set; }

    /// <summary>Run of the collector that saw it last.</summary>
    public long Run { get; private set; }

    /// <summary>Error number of the last answer; 0 for none, <see cref="NotAsked"/> when there was no question.</summary>
    public int Error { get; private set; }

    /// <summary>The last answer.</summary>
    public FilesystemSpace Space { get; private set; }

    /// <summary>True as long as the file system has not answered.</summary>
    public bool IsAsking => _asking;

    /// <summary>Takes over what a line of the table says.</summary>
    public void See(long run, string device, string type, bool isReadOnly) => (Run, Device, Type, IsReadOnly) = (run, device, type, isReadOnly);

    /// <summary>Says that the file system is about to be asked; false when an earlier question still hangs.</summary>
    public bool TryBegin()
    {
        if (_asking) return false;
        _asking = true;
        return true;
    }

    /// <summary>Takes the answer.</summary>
    public void End(int error, FilesystemSpace space)
    {
        (Error, Space) = (error, space);
        _asking = false;
    }

    /// <summary>Takes back <see cref="TryBegin"/> for a file system that was not asked after all.</summary>
    public void Withdraw() => End(NotAsked, default);
}
