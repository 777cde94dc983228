using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// Tells which of some files were opened by anybody, by inotify(7). A file is watched by its inode, so a renamed or replaced one is told apart.
/// Not thread-safe.
/// </summary>
internal sealed partial class OpenedFiles : IDisposable
{
    private const int NonBlocking = 0x800; // IN_NONBLOCK
    private const int CloseOnExec = 0x80000; // IN_CLOEXEC
    private const uint Open = 0x20; // IN_OPEN
    private const uint Overflow = 0x4000; // IN_Q_OVERFLOW
    private const int HeaderBytes = 16; // struct inotify_event without the name, which a watched file does not have
    private const int TryAgain = 11; // EAGAIN

    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = new byte[HeaderBytes * 256];

    public OpenedFiles()
    {
        var descriptor = Initialize(NonBlocking | CloseOnExec);
        if (descriptor < 0) throw new IOException($"inotify: {Marshal.GetLastPInvokeErrorMessage()}");
        _handle = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Watches a file until it is deleted and returns its number, which no later file gets.</summary>
    public int Watch(string file)
    {
        var watch = AddWatch(_handle, file, Open);
        return watch >= 0 ? watch : throw new IOException($"inotify, {file}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Numbers of the files that were opened since the last call, one for each time, in order.</summary>
    public IReadOnlyList<int> Take()
    {
        var opened = new List<int>();
        while (true)
        {
            var read = Read(_handle, _buffer, _buffer.Length);
            if (read < 0 && Marshal.GetLastPInvokeError() == TryAgain) return opened;
            if (read <= 0) throw new IOException($"inotify: {Marshal.GetLastPInvokeErrorMessage()}");
            for (var at = 0; at < read; at += HeaderBytes + BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(at + 12)))
            {
                var mask = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(at + 4));
                if ((mask & Overflow) != 0) throw new IOException("inotify: more events than its queue holds; the record is not complete.");
                if ((mask & Open) != 0) opened.Add(BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(at)));
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Initialize(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(SafeFileHandle handle, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle handle, [Out] byte[] buffer, nint count);
}
