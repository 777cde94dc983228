using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// A symbolic link of sysfs from a class to a device. Says whether it leads elsewhere than the last time, without allocating; a folder that is no link never
/// changes. Not thread-safe.
/// </summary>
internal sealed partial class DeviceLink(string path)
{
    private const int MaxPathBytes = 4096; // PATH_MAX

    private readonly byte[] _path = Encoding.UTF8.GetBytes(path + '\0');
    private byte[] _target = [];

    /// <summary>True when the target differs from that of the last call; at the first call, when there is one.</summary>
    public bool HasChanged()
    {
        Span<byte> buffer = stackalloc byte[MaxPathBytes];
        var length = (int)ReadLink(_path, buffer, (nuint)buffer.Length);
        var target = length < 0 ? default : buffer[..length];
        if (target.SequenceEqual(_target)) return false;
        _target = target.ToArray();
        return true;
    }

    /// <summary>The path with all links resolved; null when it leads nowhere.</summary>
    public static string? Resolve(string path)
    {
        Span<byte> buffer = stackalloc byte[MaxPathBytes];
        if (RealPath(Encoding.UTF8.GetBytes(path + '\0'), buffer) == 0) return null;
        return Encoding.UTF8.GetString(buffer[..buffer.IndexOf((byte)0)]);
    }

    [LibraryImport("libc", EntryPoint = "readlink")]
    private static partial nint ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "realpath")]
    private static partial nint RealPath(ReadOnlySpan<byte> path, Span<byte> resolved);
}
