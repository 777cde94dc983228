using System.Runtime.InteropServices;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>Size and use of a file system, from statvfs(3).</summary>
/// <param name="SizeBytes">Whole size.</param>
/// <param name="FreeBytes">Free, the part reserved for root included.</param>
/// <param name="AvailableBytes">Free for everybody.</param>
/// <param name="Files">Inodes; 0 where the file system has no fixed number.</param>
/// <param name="FilesFree">Free inodes.</param>
internal readonly partial record struct FilesystemSpace(double SizeBytes, double FreeBytes, double AvailableBytes, double Files, double FilesFree)
{
    private const int Interrupted = 4;

    /// <summary>Asks about the file system that holds a path; gives 0 or an error number. May hang for as long as a dead server or disk does.</summary>
    internal delegate int Query(ReadOnlySpan<byte> path, out FilesystemSpace space);

    /// <summary>The <see cref="Query"/> of the operating system.</summary>
    /// <param name="path">In the bytes of the file system, ending in a zero.</param>
    /// <param name="space">Zeros when there is an error.</param>
    public static int Read(ReadOnlySpan<byte> path, out FilesystemSpace space)
    {
        space = default;
        int error;
        Statistics statistics;
        do error = Statvfs(path, out statistics) == 0 ? 0 : Marshal.GetLastPInvokeError();
        while (error == Interrupted);
        if (error != 0) return error;
        double unit = statistics.FragmentBytes;
        space = new FilesystemSpace(
            statistics.Blocks * unit, statistics.FreeBlocks * unit, statistics.AvailableBlocks * unit, statistics.Files, statistics.FreeFiles);
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true)]
    private static partial int Statvfs(ReadOnlySpan<byte> path, out Statistics statistics);

    /// <summary>struct statvfs as all 64-bit ports of glibc and musl have it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Statistics
    {
        public ulong BlockBytes;
        public ulong FragmentBytes;
        public ulong Blocks;
        public ulong FreeBlocks;
        public ulong AvailableBlocks;
        public ulong Files;
        public ulong FreeFiles;
        public ulong AvailableFiles;
        public ulong Id;
        public ulong Flags;
        public ulong MaxName;
        public ulong Spare0;
        public ulong Spare1;
        public ulong Spare2;
    }
}
