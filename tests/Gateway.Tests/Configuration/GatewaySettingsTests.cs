using Gateway.Configuration;
using Gateway.TestKit;
using Gateway.Tests.Support;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Gateway.Tests.Configuration;

public sealed class GatewaySettingsTests
{
    /// <summary>Settings with semicolons, the one fault they are (without its origin).</summary>
    public static TheoryData<string, string> Faulty => new()
    {
        { "Gateway:StateDirectory=", "Gateway:StateDirectory = \"\": must not be empty" },
        { "Gateway:StateDirectory=a\0b", "Gateway:StateDirectory = \"a\\u0000b\": must be a path, without a zero character" },
        { "Gateway:ScrapeInterval=15", "Gateway:ScrapeInterval = \"15\": must be a duration such as 15s, 1m30s, 250ms or 00:00:15" },
        { "Gateway:ScrapeIntervall=15s", "Gateway:ScrapeIntervall = \"15s\": is not a known key; did you mean Gateway:ScrapeInterval?" },
        { "Gateway:Listn:Tcp=x", "Gateway:Listn: is not a known key; did you mean Gateway:Listen?" },
        { "Gateway:Listen=x", "Gateway:Listen = \"x\": must be a section with keys of its own" },
        { "Gateway=x", "Gateway = \"x\": must be a section with keys of its own" },
        { "Gateway:Listen:SocketMode=0999", "Gateway:Listen:SocketMode = \"0999\": must be an octal file mode such as 0660" },
        { "Gateway:Listen:SocketMode=01777", "Gateway:Listen:SocketMode = \"01777\": must be an octal file mode such as 0660" },
        { "Gateway:Listen:SocketMode=0", "Gateway:Listen:SocketMode = \"0\": must be an octal file mode such as 0660" },
        { "Gateway:Listen:SocketMode=-1", "Gateway:Listen:SocketMode = \"-1\": must be an octal file mode such as 0660" },
        { "Gateway:Listen:SocketMode=", "Gateway:Listen:SocketMode = \"\": must be an octal file mode such as 0660" },
        { "Gateway:Listen:Socket=a\0b", "Gateway:Listen:Socket = \"a\\u0000b\": must be a path, without a zero character" },
        { "Gateway:Listen:Socket=none", "Gateway:Listen:Socket = \"none\": is none and Gateway:Listen:Tcp is empty: the service would listen nowhere" },
        { "Gateway:Listen:MaxConnections=0", "Gateway:Listen:MaxConnections = \"0\": must be between 1 and 100000" },
        { "Gateway:Agents:Scrapers=", "Gateway:Agents:Scrapers = \"\": must name at least one agent and no empty one (* for any)" },
        { "Gateway:Agents:Checkers:0=", "Gateway:Agents:Checkers = \"\": must name at least one agent and no empty one (* for any)" },
        { "Gateway:Log:Format=xml", "Gateway:Log:Format = \"xml\": must be one of auto, console, json, journald" },
        { "Gateway:Log:Format=console,json", "Gateway:Log:Format = \"console,json\": must be one of auto, console, json, journald" },
        { "Gateway:Collectors:loadavg=true", "Gateway:Collectors:loadavg = \"true\": must be a section with keys of its own" },
        { "Gateway:Collectors:loadavgg:Enabled=true", "Gateway:Collectors:loadavgg: is not a known key; did you mean Gateway:Collectors:loadavg?" },
        { "Gateway:Collectors:loadavg:Enabeld=true", "Gateway:Collectors:loadavg:Enabeld = \"true\": is not a known key; did you mean Gateway:Collectors:loadavg:Enabled?" },
        { "Gateway:Collectors:loadavg:Schedule=10ms", "Gateway:Collectors:loadavg:Schedule = \"10ms\": must be 0s (in each scrape) or between 1s and 1d" },
        { "Gateway:Collectors:loadavg:MaxAge=8d", "Gateway:Collectors:loadavg:MaxAge = \"8d\": must be between 1s and 7d" },
        { "Gateway:Collectors:loadavg:Timeout=0s", "Gateway:Collectors:loadavg:Timeout = \"0s\": must be between 10ms and 1h" },
        { "Gatway:X=1", "Gatway: is not a known key; did you mean Gateway?" },
        { "Logging:LogLevel:Default=loud", "Logging:LogLevel:Default = \"loud\": must be one of Trace, Debug, Information, Warning, Error, Critical, None" },
        { "Logging:LogLevel:Default=1", "Logging:LogLevel:Default = \"1\": must be one of Trace, Debug, Information, Warning, Error, Critical, None" },
        { "Logging:Loglevels:Default=Debug", "Logging:Loglevels: is not a known key; did you mean Logging:LogLevel?" },
    };

    [Fact]
    public void The_embedded_defaults_are_good() => Assert.EndsWith("/var", Read().StateDirectory, StringComparison.Ordinal);

    [Theory, MemberData(nameof(Faulty))]
    public void Each_fault_is_a_sentence(string setting, string fault) => Assert.Equal([fault], FaultsOf(setting));

    [Theory]
    [InlineData("127.0.0.1:9464", "127.0.0.1:9464")]
    [InlineData("127.1.2.3:0", "127.1.2.3:0")]
    [InlineData("localhost:80", "127.0.0.1:80")]
    [InlineData("LOCALHOST:80", "127.0.0.1:80")]
    [InlineData("[::1]:9464", "[::1]:9464")]
    public void A_loopback_address_with_port_is_taken(string tcp, string endPoint)
    {
        var settings = Read("Gateway:Listen:Tcp=" + tcp);
        Assert.True(settings.Listen.TryGetTcp(out var read));
        Assert.Equal(endPoint, read.ToString());
    }

    [Theory]
    [InlineData("0.0.0.0:9464", "must be a loopback address: this listener has neither encryption nor passwords; put a proxy in front of it")]
    [InlineData("192.168.1.1:9464", "must be a loopback address: this listener has neither encryption nor passwords; put a proxy in front of it")]
    [InlineData("[::]:9464", "must be a loopback address: this listener has neither encryption nor passwords; put a proxy in front of it")]
    [InlineData("[2001:db8::1]:9464", "must be a loopback address: this listener has neither encryption nor passwords; put a proxy in front of it")]
    [InlineData("127.0.0.1", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    [InlineData("127.0.0.1:", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    [InlineData("127.0.0.1:65536", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    [InlineData("::1:9464", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    [InlineData("[::1]", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    [InlineData(":9464", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    [InlineData("9464", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    [InlineData("example.org:80", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    [InlineData("http://127.0.0.1:80", "must be an address and a port such as 127.0.0.1:9464 or [::1]:9464")]
    public void Any_other_address_is_refused(string tcp, string rule) => Assert.Equal([$"Gateway:Listen:Tcp = \"{tcp}\": {rule}"], FaultsOf("Gateway:Listen:Tcp=" + tcp));

    [Fact]
    public void A_path_too_long_for_a_socket_is_refused_wherever_it_comes_from()
    {
        var folder = "/" + new string('d', 120);
        Assert.StartsWith($"Gateway:Listen:Socket = \"/dddd", Assert.Single(FaultsOf("Gateway:StateDirectory=" + folder)), StringComparison.Ordinal);
        Assert.EndsWith("is made from the state directory and longer than 107 bytes, the kernel's limit; set it to a shorter path",
            Assert.Single(FaultsOf("Gateway:StateDirectory=" + folder)), StringComparison.Ordinal);
        Assert.EndsWith(": must be a path of at most 107 bytes, the kernel's limit for sockets", Assert.Single(FaultsOf($"Gateway:Listen:Socket={folder}/s")), StringComparison.Ordinal);
        // Short as written, long from the root.
        Assert.EndsWith(": is in full longer than 107 bytes, the kernel's limit; set it to a shorter path",
            Assert.Single(FaultsOf("Gateway:Listen:Socket=" + new string('s', 105))), StringComparison.Ordinal);
        Assert.Empty(FaultsOf("Gateway:StateDirectory=" + folder, "Gateway:Listen:Socket=/run/s"));
        Assert.Empty(FaultsOf("Gateway:StateDirectory=" + folder, "Gateway:Listen:Socket=none", "Gateway:Listen:Tcp=127.0.0.1:0"));
    }

    [Fact]
    public void Faults_of_all_sections_are_listed_together() => Assert.Equal(
        8, FaultsOf(
            "Gateway:StateDirectory=", "Gateway:ScrapeInterval=x", "Gateway:Listen:Tcp=1.2.3.4:5", "Gateway:Agents:Pushers=", "Gateway:Scrape:MaxConcurrent=0", "Gateway:Host:ProcPath=",
            "Gateway:Log:Format=x", "Gateway:Nothing=1").Count);

    [Fact]
    public void Layers_win_in_their_order()
    {
        using var folder = new TempFolder();
        var file = folder.Write("c.json", """{ "Gateway": { "ScrapeInterval": "20s", "StopTimeout": "2s", "Agents": { "Scrapers": ["file/"] } } }""");
        var environment = "Gateway__StopTimeout";
        Environment.SetEnvironmentVariable(environment, "3s");
        try
        {
            var configuration = ConfigurationLayers.Build(CommandLine.Parse(["--config", file, "--Gateway:Scrape:Timeout=4s"]));
            var settings = GatewaySettings.Read(configuration, HostCollectors.Assembly);
            Assert.Equal((20, 3, 4), (settings.Gateway.ScrapeInterval.TotalSeconds, settings.Gateway.StopTimeout.TotalSeconds, settings.Scrape.Timeout.TotalSeconds));
            Assert.Equal(["file/"], settings.Agents.Scrapers);
            configuration = ConfigurationLayers.Build(CommandLine.Parse(["--config", file, "--Gateway:StopTimeout=4s", "--Gateway:ScrapeInterval=x"]));
            Assert.Equal("4s", configuration["Gateway:StopTimeout"]);
            var fault = Assert.Throws<ConfigurationException>(() => GatewaySettings.Read(configuration, HostCollectors.Assembly));
            Assert.Equal("Gateway:ScrapeInterval = \"x\" (command line): must be a duration such as 15s, 1m30s, 250ms or 00:00:15", Assert.Single(fault.Faults).ToString());
        }
        finally
        {
            Environment.SetEnvironmentVariable(environment, null);
        }
    }

    [Theory]
    [InlineData("{ \"Gateway\": {\n  \"StateDirectory\": \"x\",,\n} }", ": is not JSON, line 2, byte 25: ")]
    [InlineData("[]", ": is not a configuration: Top-level JSON element must be an object. Instead, 'Array' was found.")]
    [InlineData("{ \"Gateway\": { \"A\": 1, \"a\": 2 } }", ": is not a configuration: A duplicate key 'Gateway:a' was found.")]
    [InlineData("", ": is not JSON, line 1, byte 1: ")]
    public void A_file_that_is_not_json_is_named_with_the_place(string content, string says)
    {
        using var folder = new TempFolder();
        var file = folder.Write("bad.json", content);
        var fault = Assert.Throws<ConfigurationException>(() => ConfigurationLayers.Build(CommandLine.Parse(["--config", file])));
        Assert.Contains(file + says, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var fault = Assert.Throws<ConfigurationException>(() => ConfigurationLayers.Build(CommandLine.Parse(["--config", "/nowhere/x.json"])));
        Assert.Equal("/nowhere/x.json: there is no such file", Assert.Single(fault.Faults).ToString());
    }

    [Fact]
    public void The_origin_of_a_fault_in_a_file_is_the_file()
    {
        using var folder = new TempFolder();
        var file = folder.Write("c.json", """{ "Gateway": { "Agents": { "Scrapers": [""] }, "Lisen": {} , "Scrape": { "MaxConcurrent": "many" } } }""");
        var configuration = ConfigurationLayers.Build(CommandLine.Parse(["--config", file]));
        var fault = Assert.Throws<ConfigurationException>(() => GatewaySettings.Read(configuration, HostCollectors.Assembly));
        Assert.Contains($"Gateway:Scrape:MaxConcurrent = \"many\" (c.json): must be a whole number", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"Gateway:Agents:Scrapers = \"\" (c.json): must name", fault.Message, StringComparison.Ordinal);
    }

    private static GatewaySettings Read(params string[] settings) => GatewaySettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(pair => new KeyValuePair<string, string?>(pair[0], pair[1]))).Build(),
        HostCollectors.Assembly);

    private static IReadOnlyList<string> FaultsOf(params string[] settings)
    {
        try
        {
            Read(settings);
            return [];
        }
        catch (ConfigurationException e)
        {
            return [.. e.Faults.Select(fault => (fault with { Origin = "" }).ToString())];
        }
    }
}
