namespace Gateway.Collectors.Host.Kernel;

/// <summary>The call adjtimex(2), asking only, behind an interface so that tests can say what it answers.</summary>
internal interface IClockAdjustment
{
    /// <summary>Reads the state of the kernel's clock discipline; changes nothing and needs no rights.</summary>
    /// <returns>State of the clock: 0 (TIME_OK) to 5 (TIME_ERROR, not synchronised).</returns>
    /// <exception cref="UnauthorizedAccessException">The call is forbidden to this process, for example by a system call filter.</exception>
    /// <exception cref="IOException">The call failed.</exception>
    int Read(out Timex timex);
}
