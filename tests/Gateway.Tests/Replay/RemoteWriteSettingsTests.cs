using Gateway.Buffering.Outlets;
using Gateway.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Gateway.Tests.Replay;

public sealed class RemoteWriteSettingsTests
{
    private const string Section = "Gateway:Replay:RemoteWrite";

    [Fact]
    public void Targets_labels_and_headers_are_read_in_order()
    {
        var options = Read(
            ($"{Section}:Targets:1:Url", "https://b/write"), ($"{Section}:Targets:0:Url", "http://a/write"), ($"{Section}:Targets:0:HeaderFiles:X-Scope-OrgID", "/run/tenant"),
            ($"{Section}:ExternalLabels:job", "gateway"), ($"{Section}:PushedLabels:job", "pushed"), ($"{Section}:Mode", "always")).RemoteWrite;
        Assert.Equal(["http://a/write", "https://b/write"], options.Targets.Select(target => target.Url));
        Assert.Equal("/run/tenant", options.Targets[0].HeaderFiles["X-Scope-OrgID"]);
        Assert.Equal(("gateway", "pushed"), (options.ExternalLabels["job"], options.PushedLabels["job"]));
        Assert.Equal(RemoteWriteMode.Always, options.EffectiveMode);
    }

    [Fact]
    public void Without_a_target_it_is_off_and_with_a_url_it_takes_what_no_scrape_can_deliver()
    {
        Assert.Equal(RemoteWriteMode.Off, Read().RemoteWrite.EffectiveMode);
        Assert.Equal(RemoteWriteMode.Undeliverable, Read(($"{Section}:Urls:0", "http://a/write")).RemoteWrite.EffectiveMode);
    }

    [Theory]
    [InlineData("Urls", "ftp://a", "Urls")]
    [InlineData("Mode", "sometimes", "Mode")]
    [InlineData("Targets:first:Url", "http://a", "Targets:first")]
    [InlineData("Targets:0:Password", "secret", "Targets:0:Password")]
    [InlineData("Targets:0:HeaderFiles:Content-Type", "/f", "HeaderFiles:Content-Type")]
    [InlineData("ExternalLabels:__name__", "x", "ExternalLabels:__name__")]
    [InlineData("Unknown", "1", "Unknown")]
    public void Every_fault_names_its_key(string key, string value, string named)
    {
        var fault = Assert.Throws<ConfigurationException>(() => Read(($"{Section}:{key}", value), ($"{Section}:Targets:9:Name", "x")));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mode_needs_a_target()
    {
        var fault = Assert.Throws<ConfigurationException>(() => Read(($"{Section}:Mode", "always")));
        Assert.Contains($"{Section}:Mode", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_this_build_does_not_have_is_a_fault_that_says_how_to_get_it()
    {
        var fault = Assert.Throws<ConfigurationException>(() => Read(("Gateway:Buffer:Store", "litedb")));
        Assert.Contains("WithLiteDb=true", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gateway:Replay:OutOfOrderWindow", "5m")]
    [InlineData("Gateway:Replay:Consumers:0", "a b")]
    [InlineData("Gateway:Replay:Confirm:QueryUrl", "prometheus:9090")]
    [InlineData("Gateway:Replay:Confirm:PasswordFile", "/run/password")]
    [InlineData("Gateway:Replay:MaxPageSamples", "10")]
    [InlineData("Gateway:Buffer:MaxBytes", "1000")]
    public void A_setting_that_makes_no_sense_is_refused(string key, string value)
    {
        var fault = Assert.Throws<ConfigurationException>(() => Read((key, value)));
        Assert.Contains(key.StartsWith("Gateway:Replay:Confirm:Pass", StringComparison.Ordinal) ? "UserFile" : key.TrimEnd('0', ':'), fault.Message, StringComparison.Ordinal);
    }

    private static GatewaySettings Read(params (string Key, string Value)[] settings) => GatewaySettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value))).Build());
}
