using System.Runtime.InteropServices;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class ClockAdjustmentCollectorTests
{
    private const int Synchronised = 0;
    private const int Unsynchronised = 5;

    [Fact]
    public async Task Exposes_the_clock_discipline_in_base_units() => Assert.Equal(
        """
        # HELP node_timex_sync_status 1 when the clock is synchronised, 0 when not.
        # TYPE node_timex_sync_status gauge
        node_timex_sync_status 1
        # HELP node_timex_offset_seconds Offset to the reference clock that is still being worked off.
        # TYPE node_timex_offset_seconds gauge
        node_timex_offset_seconds -0.000123456
        # HELP node_timex_frequency_adjustment_ratio Rate of the clock after correction, 1 without any.
        # TYPE node_timex_frequency_adjustment_ratio gauge
        node_timex_frequency_adjustment_ratio 1.00001
        # HELP node_timex_maxerror_seconds Largest possible error of the clock.
        # TYPE node_timex_maxerror_seconds gauge
        node_timex_maxerror_seconds 0.0105
        # HELP node_timex_estimated_error_seconds Estimated error of the clock.
        # TYPE node_timex_estimated_error_seconds gauge
        node_timex_estimated_error_seconds 0.00025
        # HELP node_timex_status Status bits of the clock discipline (STA_ in adjtimex(2)).
        # TYPE node_timex_status gauge
        node_timex_status 8193
        # HELP node_timex_loop_time_constant Time constant of the phase-locked loop.
        # TYPE node_timex_loop_time_constant gauge
        node_timex_loop_time_constant 7
        # HELP node_timex_tick_seconds Seconds between two ticks of the clock.
        # TYPE node_timex_tick_seconds gauge
        node_timex_tick_seconds 0.01
        # HELP node_timex_pps_frequency_hertz Frequency of the pulse-per-second signal.
        # TYPE node_timex_pps_frequency_hertz gauge
        node_timex_pps_frequency_hertz -2E-06
        # HELP node_timex_pps_jitter_seconds Jitter of the pulse-per-second signal.
        # TYPE node_timex_pps_jitter_seconds gauge
        node_timex_pps_jitter_seconds 1.5E-06
        # HELP node_timex_pps_shift_seconds Calibration interval of the pulse-per-second signal.
        # TYPE node_timex_pps_shift_seconds gauge
        node_timex_pps_shift_seconds 4
        # HELP node_timex_pps_stability_hertz Mean of recent frequency changes of the pulse-per-second signal.
        # TYPE node_timex_pps_stability_hertz gauge
        node_timex_pps_stability_hertz 5E-07
        # HELP node_timex_pps_jitter_total Pulses with more jitter than allowed.
        # TYPE node_timex_pps_jitter_total counter
        node_timex_pps_jitter_total 1
        # HELP node_timex_pps_calibration_total Calibration intervals of the pulse-per-second signal.
        # TYPE node_timex_pps_calibration_total counter
        node_timex_pps_calibration_total 2
        # HELP node_timex_pps_error_total Failed calibrations of the pulse-per-second signal.
        # TYPE node_timex_pps_error_total counter
        node_timex_pps_error_total 3
        # HELP node_timex_pps_stability_exceeded_total Calibrations with less stability than allowed.
        # TYPE node_timex_pps_stability_exceeded_total counter
        node_timex_pps_stability_exceeded_total 4
        # HELP node_timex_tai_offset_seconds International atomic time less UTC.
        # TYPE node_timex_tai_offset_seconds gauge
        node_timex_tai_offset_seconds 37

        """,
        await Exposed.TextAsync(new ClockAdjustmentCollector(new FixedClock(Synchronised, Example))));

    [Fact]
    public async Task Takes_offsets_as_microseconds_when_the_kernel_does()
    {
        var text = await Exposed.TextAsync(new ClockAdjustmentCollector(new FixedClock(Unsynchronised, Example with { Status = 0x40 })));
        Assert.Contains("node_timex_sync_status 0\n", text, StringComparison.Ordinal);
        Assert.Contains("node_timex_offset_seconds -0.123456\n", text, StringComparison.Ordinal);
        Assert.Contains("node_timex_pps_jitter_seconds 0.0015\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Has_no_data_when_the_call_is_forbidden()
    {
        var fault = await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(new ClockAdjustmentCollector(new ForbiddenClock())));
        Assert.Contains("forbidden", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Has_the_layout_of_the_kernel()
    {
        Assert.Equal(Timex.Bytes, Marshal.SizeOf<Timex>());
        Assert.Equal(40, Marshal.OffsetOf<Timex>(nameof(Timex.Status)));
        Assert.Equal(88, Marshal.OffsetOf<Timex>(nameof(Timex.Tick)));
        Assert.Equal(112, Marshal.OffsetOf<Timex>(nameof(Timex.PulseShift)));
        Assert.Equal(160, Marshal.OffsetOf<Timex>(nameof(Timex.TaiOffset)));
    }

    [Fact]
    public void Asks_this_kernel_and_changes_nothing()
    {
        var state = new ClockAdjustment().Read(out var timex);
        Assert.InRange(state, Synchronised, Unsynchronised);
        Assert.InRange(timex.Tick, 9_000, 11_000); // microseconds; the kernel allows 10 % around 10,000
        Assert.InRange(Math.Abs(timex.Seconds - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()), 0, 5);
    }

    private static Timex Example => new()
    {
        Status = 0x2001,
        Offset = -123_456,
        Frequency = 10 << 16,
        MaxError = 10_500,
        EstimatedError = 250,
        Constant = 7,
        Tick = 10_000,
        PulseFrequency = -2 << 16,
        PulseJitter = 1_500,
        PulseShift = 4,
        PulseStability = 1 << 15,
        PulseJitterCount = 1,
        PulseCalibrationCount = 2,
        PulseErrorCount = 3,
        PulseStabilityCount = 4,
        TaiOffset = 37,
    };

    private sealed class FixedClock(int state, Timex value) : IClockAdjustment
    {
        public int Read(out Timex timex)
        {
            timex = value;
            return state;
        }
    }

    private sealed class ForbiddenClock : IClockAdjustment
    {
        public int Read(out Timex timex) => throw new UnauthorizedAccessException("adjtimex is forbidden to this process (error 1).");
    }
}
