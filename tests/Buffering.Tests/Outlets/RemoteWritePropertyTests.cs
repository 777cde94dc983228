using FsCheck.Fluent;
using Gateway.Buffering.Outlets;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

/// <summary>Whatever a target answers, no sample is forgotten.</summary>
public sealed class RemoteWritePropertyTests
{
    [Fact]
    public void Each_sample_is_taken_at_least_once_or_counted_as_given_up()
    {
        var cases = from seed in Gen.Choose(0, int.MaxValue)
                    from snapshots in Gen.Choose(1, 30)
                    from series in Gen.Choose(1, 60)
                    from maxSamples in Gen.Choose(1, 300)
                    select (seed, snapshots, series, maxSamples);
        Properties.Check(Prop.ForAll(cases.ToArbitrary(), one => Holds(one.seed, one.snapshots, one.series, one.maxSamples)), cases: 300);
    }

    private static bool Holds(int seed, int snapshots, int seriesCount, int maxSamples)
    {
        var random = new Random(seed);
        var patience = random.Next(200);
        var poison = random.Next(3) == 0 ? random.Next(seriesCount) : -1;
        var uncertain = false;
        using var rig = new TargetRig(new RemoteWriteOptions { Mode = RemoteWriteMode.Always, MaxSamplesPerRequest = maxSamples });
        rig.Receiver.Judge = request =>
        {
            // A series whose label is poison is never taken; chance decides about the rest, and ends some day.
            if (poison >= 0 && request.Exists(series => series.Key.EndsWith($"i={poison}", StringComparison.Ordinal))) return FakeReceiver.Answer(400, "poison");
            if (patience-- <= 0 || random.Next(2) == 0) return FakeReceiver.Answer(204);
            var answer = AnyFault(random);
            if (answer.IsUncertain && random.Next(2) == 0)
            {
                uncertain = true;
                rig.Receiver.Store(request);
            }

            return answer;
        };
        rig.Fill(snapshots, TargetRig.Gauges(seriesCount));
        // With old samples the edge of age is searched, by samples that are sent a second time with their neighbours.
        if (random.Next(2) == 0)
        {
            rig.Time.Advance(TimeSpan.FromHours(2));
            uncertain = true;
        }

        _ = rig.DrainAsync().GetAwaiter().GetResult();
        var missing = (snapshots * seriesCount) - rig.Receiver.Stored.Count;
        var givenUp = rig.Figures.GivenUpSamples.Sum();
        // What was sent twice may have been stored and given up as well; without that the books are even.
        return (uncertain ? missing <= givenUp : missing == givenUp) && rig.Backlog().First == snapshots + 1;
    }

    private static WriteAnswer AnyFault(Random random) => random.Next(14) switch
    {
        0 => FakeReceiver.Answer(400, "bad"),
        1 => FakeReceiver.Answer(400, "out of order sample"),
        2 => FakeReceiver.Answer(400, "duplicate sample for timestamp"),
        3 => FakeReceiver.Answer(400, "out of bounds"),
        4 => FakeReceiver.Answer(500, "too old sample"),
        5 => FakeReceiver.Answer(413),
        6 => FakeReceiver.Answer(404),
        7 => FakeReceiver.Answer(401),
        8 => FakeReceiver.Answer(307),
        9 => FakeReceiver.Answer(429, retryAfter: TimeSpan.FromSeconds(random.Next(1, 1000))),
        10 => FakeReceiver.Answer(503),
        11 => new WriteAnswer(RemoteWriteResult.Timeout, Fault: "late"),
        12 => new WriteAnswer(RemoteWriteResult.Unreachable, Fault: "gone"),
        _ => new WriteAnswer(RemoteWriteResult.LocalFault, Fault: "file"),
    };
}
