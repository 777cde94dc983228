using FsCheck.Fluent;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests;

public sealed class SequenceRangesTests
{
    [Theory]
    [InlineData("", 5, 7, "5-7")]
    [InlineData("1-4", 5, 7, "1-7")]
    [InlineData("1-3", 5, 7, "1-3,5-7")]
    [InlineData("9-", 5, 7, "5-7,9-")]
    [InlineData("8-", 5, 7, "5-")]
    [InlineData("1-2,6,9-12", 5, 8, "1-2,5-12")]
    [InlineData("3-", 5, 7, "3-")]
    public void Ranges_that_touch_become_one(string before, long first, long last, string after) => Assert.Equal(after, Parse(before).Add(first, last).ToString());

    [Theory]
    [InlineData("1-", 5, 7, "1-4,8-")]
    [InlineData("5-7", 5, 7, "")]
    [InlineData("1-5,7-9", 5, 7, "1-4,8-9")]
    [InlineData("1-2,8-", 3, 7, "1-2,8-")]
    public void What_is_delivered_leaves_the_rest(string before, long first, long last, string after) => Assert.Equal(after, Parse(before).Remove(first, last).ToString());

    [Theory]
    [InlineData("2-1")]
    [InlineData("0")]
    [InlineData("1-3,3-5")]
    [InlineData("1-3,4")]
    [InlineData("5-,7")]
    [InlineData("1,,2")]
    [InlineData("-3")]
    [InlineData("1 -3")]
    [InlineData("99999999999999999999")]
    public void Text_that_was_not_written_here_is_refused(string text) => Assert.False(SequenceRanges.TryParse(text, out _));

    [Fact]
    public void Agrees_with_a_set_of_numbers_whatever_is_added_and_removed() => Properties.Check(Prop.ForAll(
        Gen.Choose(1, 30).Two().Zip(Gen.Elements(true, false)).ListOf().ToArbitrary(),
        steps =>
        {
            var (ranges, set) = (SequenceRanges.Empty, new SortedSet<long>());
            foreach (var ((a, b), add) in steps)
            {
                var (first, last) = (Math.Min(a, b), Math.Max(a, b));
                ranges = add ? ranges.Add(first, last) : ranges.Remove(first, last);
                for (long i = first; i <= last; i++) _ = add ? set.Add(i) : set.Remove(i);
            }

            return Enumerable.Range(1, 30).All(i => ranges.Contains(i) == set.Contains(i))
                && Parse(ranges.ToString()).Equals(ranges)
                && ranges.Intersect(SequenceRanges.Of(10, 20)).Equals(SequenceRanges.Of(10, 20).Except(SequenceRanges.All.Except(ranges)))
                && ranges.Union(SequenceRanges.Of(10, 20)).Except(SequenceRanges.Of(10, 20)).Equals(ranges.Remove(10, 20));
        }));

    private static SequenceRanges Parse(string text)
    {
        Assert.True(SequenceRanges.TryParse(text, out var ranges), text);
        return ranges;
    }
}
