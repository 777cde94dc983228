using Gateway.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gateway.Tests.Web;

public sealed class IndexPageTests
{
    /// <summary>Kept for those who mistrust the spelling of the other; the page shows one.</summary>
    private static readonly string[] Aliases = ["/prom/daemon/metrics", "/"];

    [Fact]
    public async Task Names_every_endpoint_and_links_what_a_browser_can_open()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var response = await gateway.SendAsync("GET", "/");
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Contains("default-src 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        var page = await response.Content.ReadAsStringAsync();
        foreach (var endpoint in gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            if (Aliases.Contains(path)) continue;
            if (path.Contains('{', StringComparison.Ordinal)) Assert.Contains($" {path}</code>", page, StringComparison.Ordinal);
            else if (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is ["POST"]) Assert.Contains($"POST {path}</code>", page, StringComparison.Ordinal);
            else Assert.Contains($"<a href=\"{path}\">", page, StringComparison.Ordinal);
        }
    }
}
