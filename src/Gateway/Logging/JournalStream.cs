using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.Logging;

/// <summary>
/// Whether systemd has connected standard output to the journal. <c>JOURNAL_STREAM</c> alone does not say so: every program started from a session that systemd
/// started inherits it. It names device and inode of the stream (systemd.exec(5)), which are compared with those of standard output (statx(2)).
/// </summary>
internal static partial class JournalStream
{
    private const int StandardOutput = 1;
    private const int EmptyPath = 0x1000;
    private const uint InodeMask = 0x100;
    private const int StatxBytes = 256;
    private const int InodeOffset = 32;
    private const int DeviceMajorOffset = 136;
    private const int DeviceMinorOffset = 140;

    /// <summary>True when the variable names the stream that standard output is.</summary>
    /// <param name="variable">Value of <c>JOURNAL_STREAM</c>: device and inode in decimal with a colon between them; null when it is not set.</param>
    /// <param name="identity">Device and inode of standard output in the same form; null when they cannot be had.</param>
    public static bool Is(string? variable, string? identity) => !string.IsNullOrEmpty(variable) && variable == identity;

    /// <summary>Device and inode of standard output; null when it is closed.</summary>
    public static unsafe string? StandardOutputIdentity()
    {
        var buffer = stackalloc byte[StatxBytes];
        if (Statx(StandardOutput, "", EmptyPath, InodeMask, buffer) != 0) return null;
        var device = MakeDevice(*(uint*)(buffer + DeviceMajorOffset), *(uint*)(buffer + DeviceMinorOffset));
        return string.Create(CultureInfo.InvariantCulture, $"{device}:{*(ulong*)(buffer + InodeOffset)}");
    }

    /// <summary>The device number as makedev(3) puts it together.</summary>
    private static ulong MakeDevice(ulong major, ulong minor) =>
        ((major & 0xfffff000) << 32) | ((major & 0xfff) << 8) | ((minor & 0xffffff00) << 12) | (minor & 0xff);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* buffer);
}
