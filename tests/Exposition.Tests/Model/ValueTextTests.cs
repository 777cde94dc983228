using System.Text;
using Xunit;

namespace Gateway.Exposition.Tests.Model;

public sealed class ValueTextTests
{
    [Fact]
    public void Writes_zero_first()
    {
        var text = default(ValueText);
        Span<byte> target = stackalloc byte[SampleNumber.MaxValueBytes];
        Assert.Equal("0", Encoding.ASCII.GetString(target[..text.Write(0, target)]));
        Assert.Equal("-0", Encoding.ASCII.GetString(target[..text.Write(-0.0, target)]));
    }

    [Fact]
    public void Writes_the_same_value_again_from_memory()
    {
        var text = default(ValueText);
        Span<byte> target = stackalloc byte[SampleNumber.MaxValueBytes];
        Span<byte> expected = stackalloc byte[SampleNumber.MaxValueBytes];
        foreach (var value in (double[])[1.5, 1.5, double.NaN, double.NaN, double.MinValue, double.MinValue, 1.5])
        {
            target.Fill((byte)'x');
            var written = text.Write(value, target);
            Assert.Equal(expected[..SampleNumber.Write(value, expected)].ToArray(), target[..written].ToArray());
        }
    }

    /// <summary>Values of different lengths, so that a torn copy would show.</summary>
    [Fact]
    public async Task Two_writers_at_once_never_see_half_a_text()
    {
        double[] values = [1, -1.2345678901234567e-300, 0.5, double.NaN, 123456789.25, double.NegativeInfinity];
        var expected = values.Select(value =>
        {
            Span<byte> target = stackalloc byte[SampleNumber.MaxValueBytes];
            return target[..SampleNumber.Write(value, target)].ToArray();
        }).ToArray();
        var series = Series.Create(MetricFamily.Gauge("a", ""), []);
        using var start = new Barrier(3);
        var writers = Enumerable.Range(0, 3).Select(number => Task.Factory.StartNew(
            () =>
            {
                Span<byte> target = stackalloc byte[SampleNumber.MaxValueBytes];
                start.SignalAndWait();
                var wrong = 0;
                for (var i = 0; i < 300_000; i++)
                {
                    // Runs of equal values let the others find the text; changes in between make them collide.
                    var at = (i / (number + 2)) % values.Length;
                    var length = series.ValueText.Write(values[at], target);
                    if (!target[..length].SequenceEqual(expected[at])) wrong++;
                }

                return wrong;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        var wrong = await Task.WhenAll(writers);
        Assert.Equal(0, wrong.Sum());
    }
}
