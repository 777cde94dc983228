using Gateway.Logging;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Logging;

public sealed class FailureLogTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly LogLines _lines = new();

    [Fact]
    public void The_first_failure_is_logged_then_a_count_once_an_interval_then_the_recovery()
    {
        var log = New();
        log.Report("hwmon", "no sensor", new IOException());
        for (var i = 0; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            log.Report("hwmon", "no sensor");
        }

        log.Report("other", "different");
        _time.Advance(TimeSpan.FromSeconds(30));
        log.Recovered("hwmon");
        log.Recovered("hwmon");
        log.Report("hwmon", "no sensor");
        Assert.Equal(
            [
                "Warning FailureLog: hwmon: no sensor; repetitions are counted, not logged | IOException",
                "Warning FailureLog: hwmon: no sensor; 61 failures so far",
                "Warning FailureLog: other: different; repetitions are counted, not logged",
                "Information FailureLog: hwmon: works again after 61 failure(s) in 3630 s",
                "Warning FailureLog: hwmon: no sensor; repetitions are counted, not logged",
            ],
            _lines.All);
    }

    [Fact]
    public void Subjects_without_end_are_folded_into_one()
    {
        var log = New();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < FailureLog.MaxSubjects + 1000; i++) log.Report($"made up {i}", "no");
        }

        Assert.Equal(FailureLog.MaxSubjects + 1, _lines.From(LogLevel.Warning).Count);
        // Once there is room again, a new subject has its own line.
        log.Recovered("made up 1");
        log.Recovered("made up 2");
        log.Report("real", "no");
        Assert.EndsWith("real: no; repetitions are counted, not logged", _lines.All.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_that_fail_at_once_leave_one_line()
    {
        var log = New();
        Parallel.For(0, 1000, _ => log.Report("one", "no"));
        Assert.Single(_lines.All);
        log.Recovered("one");
        Assert.EndsWith("works again after 1000 failure(s) in 0 s", _lines.All.Last(), StringComparison.Ordinal);
    }

    private FailureLog New() => new(_time, new LogOptions(), _lines.For<FailureLog>());
}
