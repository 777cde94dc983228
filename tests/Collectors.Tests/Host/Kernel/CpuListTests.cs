using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class CpuListTests
{
    public static TheoryData<string, string> Malformed => new() // case, content
    {
        { "a word", "all" },
        { "negative", "-1" },
        { "open range", "1-" },
        { "falling range", "3-1" },
        { "empty part", "1,,2" },
        { "comma at the end", "1," },
        { "too large", "65536" },
        { "range too large", "0-99999999999" },
        { "range of ranges", "1-2-3" },
        { "too many", "0-65535,0-65535,0-65535" },
    };

    [Fact]
    public void Reads_numbers_and_ranges() => Assert.Equal([0, 1, 2, 3, 8, 10, 11], CpuList.Parse("0-3,8,10-11\n"u8, "online"));

    [Fact]
    public void A_blank_file_lists_none() => Assert.Empty(CpuList.Parse("\n"u8, "isolated"));

    [Theory, MemberData(nameof(Malformed))]
    public void Refuses_what_is_no_list(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => CpuList.Parse(Encoding.UTF8.GetBytes(content), "online"));
        Assert.True(fault.Message.StartsWith("online: expected a list of CPUs", StringComparison.Ordinal), @case);
    }

    [Fact]
    public void Reads_back_every_list_of_ranges() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(0, CpuList.MaxCpu).Zip(Gen.Choose(0, 20)).NonEmptyListOf().ToArbitrary(),
        ranges =>
        {
            var written = ranges.Select(range => (First: range.Item1, Last: Math.Min(range.Item1 + range.Item2, CpuList.MaxCpu))).ToList();
            var text = string.Join(',', written.Select(range => range.First == range.Last
                ? range.First.ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}")));
            return CpuList.Parse(Encoding.UTF8.GetBytes(text), "online")
                .SequenceEqual(written.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1)));
        }));
}
