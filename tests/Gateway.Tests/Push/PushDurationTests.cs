using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Push;
using Xunit;

namespace Gateway.Tests.Push;

public sealed class PushDurationTests
{
    public static TheoryData<string, double> Durations => new() // text, milliseconds
    {
        { "90s", 90_000 }, { "1h30m", 5_400_000 }, { "1.5h", 5_400_000 }, { "300ms", 300 }, { "1500us", 1 }, { "1500µs", 1 }, { "2000000ns", 2 }, { ".5s", 500 },
        { "1.s", 1000 }, { "1s1s", 2000 }, { "1m1h", 3_660_000 }, { "87600h", 315_360_000_000 }, { "PT1H30M", 5_400_000 }, { "PT90S", 90_000 }, { "P1D", 86_400_000 },
        { "P2W", 1_209_600_000 }, { "P1DT12H", 129_600_000 }, { "PT0.5S", 500 }, { "PT0,5S", 500 }, { "P0.5D", 43_200_000 }, { "PT1.5H", 5_400_000 }, { "P3650D", 315_360_000_000 },
    };

    public static TheoryData<string> NoDurations =>
    [
        "", "0", "0s", "5", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1h30", "1d", "1w", "1S", "1H", "1.2.3s", ".s", "1,5s", "1e3s", "999us", "87601h", "99999999999999999999s",
        "P", "PT", "P1", "PT1", "T1H", "pt1h", "P1Y", "P1M", "PT1M1H", "PT1H1H", "P1DT", "P1H", "PT1D", "PT1.5H1M", "P1.5DT1H", "-PT1H", "P-1D", "PT0S", "P3651D", "١s",
    ];

    [Theory, MemberData(nameof(Durations))]
    public void Reads_both_spellings(string text, double milliseconds)
    {
        Assert.True(PushDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory, MemberData(nameof(NoDurations))]
    public void Refuses_everything_else(string text) => Assert.False(PushDuration.TryParse(text, out _));

    [Fact]
    public void Both_spellings_of_a_duration_mean_the_same() => Prop.ForAll<(int, int, int, int)>(
        Gen.Choose(0, 9999).Zip(Gen.Choose(0, 100)).Zip(Gen.Choose(0, 100).Zip(Gen.Choose(1, 999))).Select(v => (v.Item1.Item1, v.Item1.Item2, v.Item2.Item1, v.Item2.Item2)).ToArbitrary(),
        v =>
        {
            var (h, m, s, ms) = v;
            var expected = new TimeSpan(0, h, m, s, ms);
            var go = string.Create(CultureInfo.InvariantCulture, $"{h}h{m}m{s}s{ms}ms");
            var iso = string.Create(CultureInfo.InvariantCulture, $"PT{h}H{m}M{s}.{ms:000}S");
            return PushDuration.TryParse(go, out var fromGo) && PushDuration.TryParse(iso, out var fromIso) && fromGo == expected && fromIso == expected;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_texts_never_throw_and_never_leave_the_range()
    {
        var random = new Random(20261120);
        const string Letters = "0123456789.,hmsunµPTHMSDWYd-+ ";
        for (var i = 0; i < 200_000; i++)
        {
            var text = new string(random.GetItems<char>(Letters, random.Next(12)));
            if (PushDuration.TryParse(text, out var duration)) Assert.InRange(duration, PushDuration.Shortest, PushDuration.Longest);
        }
    }
}
