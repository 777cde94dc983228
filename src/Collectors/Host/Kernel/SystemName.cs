using System.Runtime.InteropServices;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Asks the kernel, by uname(2) of the C library. Layout: <c>struct new_utsname</c> in include/uapi/linux/utsname.h, the same on all architectures.
/// </summary>
internal sealed partial class SystemName : ISystemName
{
    /// <summary>Size of a field: 64 bytes of text (__NEW_UTS_LEN) and a zero.</summary>
    public const int FieldBytes = 65;

    /// <summary>sysname, nodename, release, version, machine, domainname.</summary>
    public const int FieldCount = 6;

    public void Read(Span<byte> fields)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fields.Length, FieldBytes * FieldCount, nameof(fields));
        if (Uname(fields) != 0) throw new IOException($"uname failed with error {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "uname", SetLastError = true)]
    private static partial int Uname(Span<byte> fields);
}
