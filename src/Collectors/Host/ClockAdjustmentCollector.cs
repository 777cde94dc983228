using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Whether and how well the clock is synchronised, from adjtimex(2) (the kernel's clock discipline, Documentation of ntp_adjtime(3)). All times in
/// seconds, frequencies as a ratio to the undisturbed clock.
/// </summary>
[Collector("timex", Summary = "Synchronisation of the system clock, from adjtimex(2)")]
internal sealed class ClockAdjustmentCollector : ICollector
{
    private const int ClockError = 5; // TIME_ERROR
    private const double Micro = 1e6;
    private const double Nano = 1e9;

    /// <summary>Frequencies are parts per million with 16 binary digits behind the point.</summary>
    private const double ScaledPartsPerMillion = 65536 * Micro;

    private static readonly MetricFamily SyncStatus = Gauge("sync_status", "1 when the clock is synchronised, 0 when not.");
    private static readonly MetricFamily Offset = Gauge("offset_seconds", "Offset to the reference clock that is still being worked off.");
    private static readonly MetricFamily Frequency = Gauge("frequency_adjustment_ratio", "Rate of the clock after correction, 1 without any.");
    private static readonly MetricFamily MaxError = Gauge("maxerror_seconds", "Largest possible error of the clock.");
    private static readonly MetricFamily EstimatedError = Gauge("estimated_error_seconds", "Estimated error of the clock.");
    private static readonly MetricFamily Status = Gauge("status", "Status bits of the clock discipline (STA_ in adjtimex(2)).");
    private static readonly MetricFamily Constant = Gauge("loop_time_constant", "Time constant of the phase-locked loop.");
    private static readonly MetricFamily Tick = Gauge("tick_seconds", "Seconds between two ticks of the clock.");
    private static readonly MetricFamily PulseFrequency = Gauge("pps_frequency_hertz", "Frequency of the pulse-per-second signal.");
    private static readonly MetricFamily PulseJitter = Gauge("pps_jitter_seconds", "Jitter of the pulse-per-second signal.");
    private static readonly MetricFamily PulseShift = Gauge("pps_shift_seconds", "Calibration interval of the pulse-per-second signal.");
    private static readonly MetricFamily PulseStability = Gauge("pps_stability_hertz", "Mean of recent frequency changes of the pulse-per-second signal.");
    private static readonly MetricFamily PulseJitterCount = Counter("pps_jitter_total", "Pulses with more jitter than allowed.");
    private static readonly MetricFamily PulseCalibrations = Counter("pps_calibration_total", "Calibration intervals of the pulse-per-second signal.");
    private static readonly MetricFamily PulseErrors = Counter("pps_error_total", "Failed calibrations of the pulse-per-second signal.");
    private static readonly MetricFamily PulseUnstable = Counter("pps_stability_exceeded_total", "Calibrations with less stability than allowed.");
    private static readonly MetricFamily TaiOffset = Gauge("tai_offset_seconds", "International atomic time less UTC.");

    private readonly IClockAdjustment _source;

    public ClockAdjustmentCollector()
        : this(new ClockAdjustment())
    {
    }

    internal ClockAdjustmentCollector(IClockAdjustment source) => _source = source;

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var state = Read(out var timex);
        var fraction = (timex.Status & Timex.StatusNano) != 0 ? Nano : Micro;
        sink.Add(SyncStatus, state == ClockError ? 0 : 1);
        sink.Add(Offset, timex.Offset / fraction);
        sink.Add(Frequency, 1 + (timex.Frequency / ScaledPartsPerMillion));
        sink.Add(MaxError, timex.MaxError / Micro);
        sink.Add(EstimatedError, timex.EstimatedError / Micro);
        sink.Add(Status, timex.Status);
        sink.Add(Constant, timex.Constant);
        sink.Add(Tick, timex.Tick / Micro);
        sink.Add(PulseFrequency, timex.PulseFrequency / ScaledPartsPerMillion);
        sink.Add(PulseJitter, timex.PulseJitter / fraction);
        sink.Add(PulseShift, timex.PulseShift);
        sink.Add(PulseStability, timex.PulseStability / ScaledPartsPerMillion);
        sink.Add(PulseJitterCount, timex.PulseJitterCount);
        sink.Add(PulseCalibrations, timex.PulseCalibrationCount);
        sink.Add(PulseErrors, timex.PulseErrorCount);
        sink.Add(PulseUnstable, timex.PulseStabilityCount);
        sink.Add(TaiOffset, timex.TaiOffset);
        return ValueTask.CompletedTask;
    }

    private int Read(out Timex timex)
    {
        try
        {
            return _source.Read(out timex);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new NoDataException(e.Message);
        }
    }

    private static MetricFamily Gauge(string name, string help) => MetricFamily.Gauge("node_timex_" + name, help);

    private static MetricFamily Counter(string name, string help) => MetricFamily.Counter("node_timex_" + name, help);
}
