using System.ComponentModel.DataAnnotations;
using Gateway.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Gateway.Tests.Configuration;

public sealed class OptionsReaderTests
{
    public enum Color
    {
        None,
        Red,
        Green,
        Blue,
    }

    /// <summary>Setting, the fault it is.</summary>
    public static TheoryData<string, string> Faulty => new()
    {
        { "Count=x", "S:Count = \"x\": must be a whole number" },
        { "Count=1.5", "S:Count = \"1.5\": must be a whole number" },
        { "Count=99999999999", "S:Count = \"99999999999\": must be a whole number" },
        { "Count=0", "S:Count = \"0\": must be between 1 and 10" },
        { "Share=x", "S:Share = \"x\": must be a number" },
        { "Share=NaN", "S:Share = \"NaN\": must be between 0 and 1" },
        { "On=yes", "S:On = \"yes\": must be true or false" },
        { "Pause=15", "S:Pause = \"15\": must be a duration such as 15s, 1m30s, 250ms or 00:00:15" },
        { "Pause=2h", "S:Pause = \"2h\": must be between 1s and 1h" },
        { "Color=pink", "S:Color = \"pink\": must be one of none, red, green, blue" },
        { "Color=1", "S:Color = \"1\": must be one of none, red, green, blue" },
        { "Color=red,green", "S:Color = \"red,green\": must be one of none, red, green, blue" },
        { "Name=", "S:Name = \"\": must not be empty" },
        { "Nmae=x", "S:Nmae = \"x\": is not a known key; did you mean S:Name?" },
        { "Zzzzzzzz=x", "S:Zzzzzzzz = \"x\": is not a known key; known here: Color, Count, List, Maybe, Name, On, Pause, Share" },
        { "Count:Deep=1", "S:Count: must be a single value, not a section" },
        { "Name=a\u001b[31m\n\"", "S:Name = \"a\\u001b[31m\\n\\\"\": must not contain control characters" },
    };

    [Fact]
    public void Reads_every_type_in_any_case()
    {
        var (options, faults) = Read("count=3", "SHARE=0.5", "On=TRUE", "Pause=1m30s", "color=Blue", "Name=x", "List=a, b ,,c", "Maybe=2s");
        Assert.Empty(faults);
        Assert.Equal((3, 0.5, true, TimeSpan.FromSeconds(90), Color.Blue, "x"), (options.Count, options.Share, options.On, options.Pause, options.Color, options.Name));
        Assert.Equal(["a", "b", "c"], options.List);
        Assert.Equal(TimeSpan.FromSeconds(2), options.Maybe);
    }

    [Theory, MemberData(nameof(Faulty))]
    public void Says_key_value_and_rule(string setting, string fault) => Assert.Equal([fault], Read(setting).Faults);

    [Fact]
    public void Lists_all_faults_at_once() => Assert.Equal(5, Read("Count=x", "Share=2", "On=1", "Pause=0s", "Colour=red").Faults.Count);

    [Fact]
    public void A_value_where_a_section_should_be_is_a_fault()
    {
        var reader = new OptionsReader(Configuration(("S", "true")));
        reader.Read<Sample>("S");
        Assert.Equal(["S = \"true\" (built-in default): must be a section with keys of its own"], reader.Faults.Select(fault => fault.ToString()));
    }

    [Fact]
    public void Unknown_sections_at_the_root_are_found()
    {
        var reader = new OptionsReader(Configuration(("Gatewy:X", "1"), ("Logging:LogLevel:Default", "Debug")));
        reader.RefuseUnknown("", ["Gateway", "Logging"]);
        Assert.Equal(["Gatewy (built-in default): is not a known key; did you mean Gateway?"], reader.Faults.Select(fault => fault.ToString()));
    }

    [Fact]
    public void Two_classes_that_read_one_section_name_its_unknown_key_once()
    {
        var reader = new OptionsReader(Configuration(("S:Foo", "1"), ("S:Count", "2")));
        reader.Read<Sample>("S", "Other");
        reader.Read<Two>("S", [.. OptionsReader.Properties(typeof(Sample)).Select(property => property.Name)]);
        Assert.Single(reader.Faults);
    }

    [Fact]
    public void A_list_in_a_higher_layer_takes_the_place_of_the_one_below_in_whatever_form()
    {
        (string, string)[] array = [("S:List:0", "a"), ("S:List:1", "b"), ("S:List:2", "c")];
        Assert.Equal(["x"], ListOf(array, [("S:List:0", "x")]));
        Assert.Equal(["x", "y"], ListOf(array, [("S:List", "x,y")]));
        Assert.Equal(["x"], ListOf([("S:List", "p,q")], [("S:List:0", "x")]));
        Assert.Equal(["a", "b", "c"], ListOf(array, [("S:Count", "2")]));
        Assert.Empty(ListOf(array, [("S:List", "")]));
        Assert.Equal("11", ListOf([.. Enumerable.Range(0, 12).Select(i => ($"S:List:{i}", $"{i}"))], [])[^1]);
    }

    private static string[] ListOf((string, string)[] lower, (string, string)[] higher)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Pairs(lower)).AddInMemoryCollection(Pairs(higher)).Build();
        return new OptionsReader(configuration).Read<Sample>("S").List;
    }

    private static (Sample Options, IReadOnlyList<string> Faults) Read(params string[] settings)
    {
        var reader = new OptionsReader(Configuration([.. settings.Select(setting => setting.Split('=', 2)).Select(pair => ("S:" + pair[0], pair[1]))]));
        var options = reader.Read<Sample>("S");
        return (options, [.. reader.Faults.Select(fault => fault.ToString().Replace(" (built-in default)", "", StringComparison.Ordinal))]);
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().Add(new Plain(Pairs(settings))).Build();

    private static IEnumerable<KeyValuePair<string, string?>> Pairs((string Key, string Value)[] settings) =>
        settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value));

    private sealed class Plain(IEnumerable<KeyValuePair<string, string?>> settings) : IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) =>
            new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationProvider(new() { InitialData = settings });
    }

    private sealed class Two
    {
        public int Other { get; set; }
    }

    private sealed class Sample
    {
        [Range(1, 10)]
        public int Count { get; set; } = 5;

        [Range(0.0, 1.0)]
        public double Share { get; set; }

        public bool On { get; set; }

        [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
        public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(1);

        public Color Color { get; set; }

        [Required, RegularExpression(@"\P{Cc}*", ErrorMessage = "must not contain control characters")]
        public string Name { get; set; } = "n";

        public string[] List { get; set; } = [];

        public TimeSpan? Maybe { get; set; }
    }
}
