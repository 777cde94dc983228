using System.Runtime.InteropServices;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>Asks the kernel, by adjtimex(2) of the C library.</summary>
internal sealed partial class ClockAdjustment : IClockAdjustment
{
    private const int NotPermitted = 1; // EPERM
    private const int AccessDenied = 13; // EACCES
    private const int NotImplemented = 38; // ENOSYS: what some system call filters answer

    public int Read(out Timex timex)
    {
        if (nint.Size != sizeof(long)) throw new PlatformNotSupportedException("The layout of struct timex is known for 64-bit systems only.");
        timex = default;
        var state = AdjustClock(ref timex);
        if (state >= 0) return state;
        var error = Marshal.GetLastPInvokeError();
        throw error is NotPermitted or AccessDenied or NotImplemented
            ? new UnauthorizedAccessException($"adjtimex is forbidden to this process (error {error}).")
            : new IOException($"adjtimex failed with error {error}.");
    }

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static partial int AdjustClock(ref Timex timex);
}
