using System.ComponentModel.DataAnnotations;
using Gateway.Buffering.Outlets;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

public sealed class RemoteWriteOptionsTests
{
    private const string Url = "http://127.0.0.1:8428/api/v1/write";

    public static TheoryData<RemoteWriteTargetOptions, string> WrongTargets => new() // options, key at fault
    {
        { new() { Url = "victoria:8428" }, "Url" },
        { new() { Url = "ftp://victoria/" }, "Url" },
        { new() { Url = "http://me:secret@victoria/" }, "Url" },
        { new() { Url = "http://victoria/#x" }, "Url" },
        { new() { Url = Url, Name = new string('x', 101) }, "Name" },
        { new() { Url = Url, Name = "a\nb" }, "Name" },
        { new() { Url = Url, User = "a", UserFile = "b", PasswordFile = "c" }, "User" },
        { new() { Url = Url, User = "a:b", PasswordFile = "c" }, "User" },
        { new() { Url = Url, User = "a" }, "PasswordFile" },
        { new() { Url = Url, PasswordFile = "a" }, "PasswordFile" },
        { new() { Url = Url, User = "a", PasswordFile = "b", BearerTokenFile = "c" }, "BearerTokenFile" },
        { new() { Url = Url, CertFile = "a" }, "KeyFile" },
        { new() { Url = Url, KeyFile = "a" }, "KeyFile" },
        { new() { Url = Url, Proxy = "proxy:3128" }, "Proxy" },
        { new() { Url = Url, Proxy = "http://me:secret@proxy:3128" }, "Proxy" },
    };

    [Theory, MemberData(nameof(WrongTargets))]
    public void A_target_that_cannot_work_is_refused(RemoteWriteTargetOptions options, string key) => Assert.Equal(key, Faults(options));

    [Fact]
    public void A_target_that_can_work_is_not_refused()
    {
        Assert.Empty(Faults(new RemoteWriteTargetOptions { Url = Url }));
        Assert.Empty(Faults(new RemoteWriteTargetOptions
        { Url = "https://x/y?extra_label=a=b", User = "a", PasswordFile = "b", CaFile = "c", CertFile = "d", KeyFile = "e", Proxy = "http://p:3128" }));
    }

    [Fact]
    public void The_name_of_a_target_is_made_from_its_url_without_query() =>
        Assert.Equal("victoria:8428/api/v1/write", new RemoteWriteTargetOptions { Url = "http://victoria:8428/api/v1/write?token=secret" }.EffectiveName);

    [Theory]
    [InlineData(null, 0, RemoteWriteMode.Off)]
    [InlineData(null, 1, RemoteWriteMode.Undeliverable)]
    [InlineData(RemoteWriteMode.Off, 1, RemoteWriteMode.Off)]
    [InlineData(RemoteWriteMode.Always, 1, RemoteWriteMode.Always)]
    public void The_mode_follows_from_the_targets_unless_it_is_given(RemoteWriteMode? mode, int urls, RemoteWriteMode expected) =>
        Assert.Equal(expected, new RemoteWriteOptions { Mode = mode, Urls = [.. Enumerable.Repeat(Url, urls)] }.EffectiveMode);

    [Fact]
    public void Faults_of_the_whole_are_listed_all()
    {
        Assert.Equal("Mode", Keys(new RemoteWriteOptions { Mode = RemoteWriteMode.Always }.CheckWhole()));
        var options = new RemoteWriteOptions { Urls = [Url] };
        options.Targets.Add(new() { Url = Url });
        options.ExternalLabels["__name__"] = "x";
        options.ExternalLabels["le"] = "x";
        options.ExternalLabels["job"] = "x";
        options.PushedLabels["1x"] = "x";
        Assert.Equal("Targets, ExternalLabels:__name__, ExternalLabels:le, PushedLabels:1x", Keys(options.CheckWhole()));
        Assert.Equal("Targets", Keys(new RemoteWriteOptions { Urls = [.. Enumerable.Range(0, 17).Select(i => $"http://t{i}/")] }.CheckWhole()));
    }

    [Fact]
    public void Urls_and_pauses_are_checked()
    {
        Assert.Equal("Urls, MaxBackoff", Faults(new RemoteWriteOptions { Urls = [Url, "x"], MinBackoff = TimeSpan.FromSeconds(10), MaxBackoff = TimeSpan.FromSeconds(5) }));
        Assert.Empty(Faults(new RemoteWriteOptions()));
    }

    [Fact]
    public void Headers_of_the_protocol_are_not_replaced()
    {
        var options = new RemoteWriteTargetOptions { Url = Url, BearerTokenFile = "t" };
        options.HeaderFiles["content-type"] = "f";
        options.HeaderFiles["Authorization"] = "f";
        options.HeaderFiles["a b"] = "f";
        options.HeaderFiles["X-Empty"] = "";
        options.HeaderFiles["X-Scope-OrgID"] = "f";
        Assert.Equal("HeaderFiles:content-type, HeaderFiles:Authorization, HeaderFiles:a b, HeaderFiles:X-Empty", Keys(options.CheckHeaders()));
    }

    [Fact]
    public void Labels_of_pushes_replace_the_general_ones()
    {
        var options = new RemoteWriteOptions();
        options.ExternalLabels["job"] = "gateway";
        options.ExternalLabels["instance"] = "box";
        options.PushedLabels["job"] = "gateway-pushed";
        Assert.Equal("instance=box, job=gateway-pushed", string.Join(", ", options.AllPushedLabels.Select(label => $"{label.Key}={label.Value}")));
    }

    private static string Faults(IValidatableObject options) => string.Join(", ", options.Validate(new ValidationContext(options)).Select(fault => fault.MemberNames.Single()));

    private static string Keys(IEnumerable<(string Key, string Rule)> faults) => string.Join(", ", faults.Select(fault => fault.Key));
}
