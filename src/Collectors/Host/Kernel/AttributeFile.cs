using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// One attribute of sysfs (Documentation/filesystems/sysfs.rst: one value per file, at most a page). Read with plain system calls and the path encoded
/// once: many attributes answer with an error as a matter of course (the speed of a link that is down), and exceptions would be the most expensive part of
/// a scrape. Not thread-safe.
/// </summary>
internal sealed partial class AttributeFile(string path)
{
    /// <summary>Bytes a caller's buffer should have: the kernel gives at most one page of four KiB.</summary>
    public const int MaxBytes = 4096;

    private const int OpenReadOnlyCloseOnExec = 0x80000;
    private const int Interrupted = 4;

    private readonly byte[] _path = Encoding.UTF8.GetBytes(path + '\0');

    /// <summary>Where it is, for messages.</summary>
    public string Path { get; } = path;

    /// <summary>Error number of the last read that did not give a value.</summary>
    public int LastError { get; private set; }

    /// <summary>Reads the value without white space at its ends; <paramref name="value"/> is a slice of the buffer.</summary>
    public AttributeState Read(Span<byte> buffer, out ReadOnlySpan<byte> value)
    {
        value = default;
        var read = ReadOnce(buffer);
        if (read < 0) return Judge(LastError);
        value = ((ReadOnlySpan<byte>)buffer[..read]).Trim(" \t\r\n\0"u8);
        return AttributeState.Present;
    }

    /// <summary>What the error number of a read says about the device (errno(3); the numbers are those of all Linux ports but MIPS and SPARC).</summary>
    internal static AttributeState Judge(int error) => error switch
    {
        1 or 2 or 6 or 11 or 13 or 19 or 20 or 22 => AttributeState.Absent, // EPERM ENOENT ENXIO EAGAIN EACCES ENODEV ENOTDIR EINVAL
        61 or 95 or 123 => AttributeState.Absent, // ENODATA EOPNOTSUPP ENOMEDIUM
        _ => AttributeState.Failed,
    };

    private int ReadOnce(Span<byte> buffer)
    {
        var handle = Open(_path, OpenReadOnlyCloseOnExec);
        if (handle < 0)
        {
            LastError = Marshal.GetLastPInvokeError();
            return -1;
        }

        nint read;
        do
        {
            read = Read(handle, buffer, (nuint)buffer.Length);
            LastError = read < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (read < 0 && LastError == Interrupted);

        _ = Close(handle);
        return (int)read;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int handle, Span<byte> buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}

/// <summary>What came of reading an attribute of a device.</summary>
internal enum AttributeState
{
    /// <summary>There is a value; it may be empty.</summary>
    Present,

    /// <summary>The device has no such value now: no such file, or the kernel refuses it (EINVAL, ENODEV and their kin, or no right to read it).</summary>
    Absent,

    /// <summary>The device failed to give it (EIO, a timeout on its bus): something is broken.</summary>
    Failed,
}
