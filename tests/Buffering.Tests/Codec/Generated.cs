using Gateway.Buffering.Codec;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>Rows as nasty as they come, from a seed.</summary>
internal static class Generated
{
    private static readonly double[] Odd =
    [
        0, -0.0, 1, -1, 0.1, 1e21, -1e-7, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue, double.NaN, double.PositiveInfinity,
        double.NegativeInfinity, 9007199254740993, 9.2e18, 1.7e308, 2.2250738585072011e-308, long.MinValue, long.MaxValue, ulong.MaxValue,
        BitConverter.Int64BitsToDouble(0x7FF0_0000_0000_0002), BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0001),
        BitConverter.Int64BitsToDouble(unchecked((long)0xFFF8_0000_0000_0123)),
    ];

    /// <summary>Some rows: counters that reset, gauges of all scales, constants, odd values, series that appear and vanish, gaps between ids.</summary>
    public static List<SnapshotRow> Rows(int seed, bool ownTimes = false)
    {
        var random = new Random(seed);
        var ids = Enumerable.Range(0, random.Next(0, 40)).Select(i => (i * random.Next(1, 4)) + random.Next(3)).Distinct().ToArray();
        if (random.Next(8) == 0) ids = [.. ids, 1000 + random.Next(100_000)];
        var kinds = ids.Select(_ => random.Next(12)).ToArray();
        var values = ids.Select(_ => Start(random)).ToArray();
        var rows = new List<SnapshotRow>();
        var (sequence, time) = (random.NextInt64(random.Next(2) == 0 ? 5 : long.MaxValue / 2), random.NextInt64(-5, 1L << 41));
        var count = random.Next(1, random.Next(4) == 0 ? 300 : 12);
        for (var i = 0; i < count; i++)
        {
            var row = new SnapshotRow();
            row.Reset(sequence, time, ownTimes && random.Next(4) > 0);
            for (var j = 0; j < ids.Length; j++)
            {
                values[j] = Next(random, kinds[j], values[j]);
                if (kinds[j] >= 10 && (i / 3) % 2 == kinds[j] % 2) continue;
                if (random.Next(50) == 0) continue;
                row.Add(ids[j], row.TimeMs + random.Next(-5, 5), values[j]);
                if (row.HasOwnTimes && random.Next(3) == 0) row.Add(ids[j], row.TimeMs + random.Next(5, 5000), Next(random, kinds[j], values[j]));
            }

            rows.Add(row);
            sequence += 1 + (random.Next(10) == 0 ? random.Next(1000) : 0);
            time += random.Next(10) == 0 ? random.Next(-100, 100_000) : 15_000;
        }

        return rows;
    }

    private static double Start(Random random) => random.Next(4) switch
    {
        0 => random.Next(1000),
        1 => random.Next() / 100.0,
        2 => Odd[random.Next(Odd.Length)],
        _ => Math.Exp((random.NextDouble() - 0.5) * 100),
    };

    private static double Next(Random random, int kind, double value) => kind switch
    {
        0 => value,
        1 => random.Next(20) == 0 ? 0 : value + random.Next(100),
        2 => value + (random.Next(-300, 300) * 4096.0),
        3 => Math.Round((value + random.NextDouble()) * 100) / 100,
        4 => random.NextDouble(),
        5 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        6 => Odd[random.Next(Odd.Length)],
        7 => random.Next(10) == 0 ? Odd[random.Next(Odd.Length)] : value,
        8 => random.Next(2),
        9 => value + (random.Next(15_000) / 1000.0),
        10 => value + 1,
        _ => value + 0.25,
    };
}
