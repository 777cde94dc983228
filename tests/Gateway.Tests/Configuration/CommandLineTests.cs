using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Configuration;

public sealed class CommandLineTests
{
    [Fact]
    public void Reads_switches_and_settings_in_each_form()
    {
        var line = CommandLine.Parse(
            ["--check-config", "--config", "a.json", "--Gateway:A=1", "--Gateway:B", "2", "--gateway__C__D=x=y", "--Logging:LogLevel:Default=Debug", "--Gateway:E=", "--print-examples"]);
        Assert.True(line is { CheckConfig: true, PrintExamples: true, Version: false, ShowHelp: false, ConfigFile: "a.json" });
        Assert.Equal(
            ["Gateway:A=1", "Gateway:B=2", "gateway:C:D=x=y", "Logging:LogLevel:Default=Debug", "Gateway:E="], line.Settings.Select(pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal("b.json", CommandLine.Parse(["--config=b.json"]).ConfigFile);
        Assert.True(CommandLine.Parse(["--version"]).Version);
        Assert.True(CommandLine.Parse(["-h"]).ShowHelp);
    }

    [Fact]
    public void Lists_every_argument_it_does_not_know()
    {
        var fault = Assert.Throws<ConfigurationException>(() => CommandLine.Parse(
            ["serve", "--chek-config", "--check-config=1", "--config", "--Gateway:A", "--Gateway:B", "--config="]));
        Assert.Equal(
            """
            The configuration has 7 faults:
              "serve": is not a known argument; --help lists them
              "--chek-config": is not a known argument; --help lists them
              "--check-config=1": is not a known argument; --help lists them
              "--config": needs a value
              "--Gateway:A": needs a value
              "--Gateway:B": needs a value
              "--config=": needs a value
            """,
            fault.Message);
    }
}
