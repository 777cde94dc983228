using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Gateway.TestKit;

/// <summary>A small tmpfs (mount(2)) on a folder: fills up at once and can be made read-only. Needs root.</summary>
public sealed partial class SmallMount : IDisposable
{
    private const ulong ReadOnly = 1;
    private const ulong Remount = 32;
    private const int Detach = 2;

    /// <summary>Mounts it on an empty folder.</summary>
    public SmallMount(string folder, int kibibytes)
    {
        Path = folder;
        Call(Mount("none", folder, "tmpfs", 0, $"size={kibibytes}k"));
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes it read-only, or writable again.</summary>
    public void SetReadOnly(bool on) => Call(Mount("none", Path, null, Remount | (on ? ReadOnly : 0), null));

    /// <summary>Writes a file until nothing more fits. Delete it to make room again.</summary>
    public string Fill()
    {
        var ballast = System.IO.Path.Join(Path, "ballast");
        using var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var bytes = new byte[4096];
        try
        {
            while (true) file.Write(bytes);
        }
        catch (IOException)
        {
            return ballast;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Call(Unmount(Path, Detach));

    private static void Call(int result)
    {
        if (result != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
