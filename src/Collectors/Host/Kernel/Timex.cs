using System.Runtime.InteropServices;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// <c>struct timex</c> of include/uapi/linux/timex.h as 64-bit architectures have it (x86-64, arm64, s390x and others agree): <c>long</c> is 8 bytes,
/// an <c>int</c> before a <c>long</c> is padded to 8, and 44 reserved bytes follow <see cref="TaiOffset"/>; 208 bytes together.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct Timex
{
    /// <summary>Size of the structure.</summary>
    public const int Bytes = 208;

    /// <summary>What to set; 0 sets nothing.</summary>
    public uint Modes;

    /// <summary>Remaining offset, micro- or nanoseconds (<see cref="StatusNano"/>).</summary>
    public long Offset;

    /// <summary>Frequency adjustment, parts per million × 2^16.</summary>
    public long Frequency;

    /// <summary>Largest error, microseconds.</summary>
    public long MaxError;

    /// <summary>Estimated error, microseconds.</summary>
    public long EstimatedError;

    /// <summary>Status bits (STA_*).</summary>
    public int Status;

    /// <summary>Time constant of the phase-locked loop.</summary>
    public long Constant;

    /// <summary>Precision of the clock, microseconds.</summary>
    public long Precision;

    /// <summary>Largest frequency error, parts per million × 2^16.</summary>
    public long Tolerance;

    /// <summary>Time of the call, whole seconds.</summary>
    public long Seconds;

    /// <summary>Time of the call, micro- or nanoseconds.</summary>
    public long Fraction;

    /// <summary>Microseconds between two ticks of the clock.</summary>
    public long Tick;

    /// <summary>Pulse-per-second frequency, parts per million × 2^16.</summary>
    public long PulseFrequency;

    /// <summary>Pulse-per-second jitter, micro- or nanoseconds.</summary>
    public long PulseJitter;

    /// <summary>Pulse-per-second interval, seconds as a power of two.</summary>
    public int PulseShift;

    /// <summary>Pulse-per-second stability, parts per million × 2^16.</summary>
    public long PulseStability;

    /// <summary>Jitter limit exceeded, number of times.</summary>
    public long PulseJitterCount;

    /// <summary>Calibration intervals.</summary>
    public long PulseCalibrationCount;

    /// <summary>Calibration errors.</summary>
    public long PulseErrorCount;

    /// <summary>Stability limit exceeded, number of times.</summary>
    public long PulseStabilityCount;

    /// <summary>International atomic time less UTC, seconds.</summary>
    public int TaiOffset;

    /// <summary>Bit of <see cref="Status"/>: times are nanoseconds, not microseconds (STA_NANO).</summary>
    public const int StatusNano = 0x2000;
}
