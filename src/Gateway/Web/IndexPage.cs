using Gateway.Status;

namespace Gateway.Web;

/// <summary>The page at <c>/</c>: links the endpoints and says who may use them. Static, no script.</summary>
internal static class IndexPage
{
    private static readonly string Html =
        $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Gateway</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1c2733; background: #fff }
        h1 { margin-bottom: 0 } p.version { margin-top: 0; color: #5b6b7b }
        table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid #dde3e9; vertical-align: top }
        code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere } a { color: #0b5cad }
        @media (prefers-color-scheme: dark) { body { color: #dde5ee; background: #12181f } th, td { border-color: #2c3846 } p.version { color: #93a3b4 } a { color: #7db8f5 } }
        </style>
        </head>
        <body>
        <h1>Gateway</h1>
        <p class="version">version {{Build.Version}}</p>
        <p>Metrics server of this box. Most endpoints look at the <code>User-Agent</code>; a browser is answered 403 there unless it is allowed to.</p>
        <table>
        <tr><th>Endpoint</th><th>For</th><th>What</th></tr>
        <tr><td><a href="/prom/metrics"><code>/prom/metrics</code></a></td><td>Prometheus</td><td>samples of all collectors</td></tr>
        <tr><td><a href="/prom/deamon/metrics"><code>/prom/deamon/metrics</code></a></td><td>Prometheus</td><td>pushed values</td></tr>
        <tr><td><code>POST /simple/insert/{metric}/{value}</code></td><td>scripts</td><td>keep a value</td></tr>
        <tr><td><code>POST /complex/insert/{metric}/{instance}/{value}</code></td><td>scripts</td><td>keep a value with label <code>instance</code></td></tr>
        <tr><td><code>DELETE /simple/insert/{metric}</code>, <code>DELETE /complex/insert/{metric}/{instance}</code></td><td>scripts</td><td>take a value back</td></tr>
        <tr><td><a href="/prom/status"><code>/prom/status</code></a></td><td>watchdog</td><td>state of the service, JSON</td></tr>
        <tr><td><a href="/prom/buffer"><code>/prom/buffer</code></a></td><td>watchdog</td><td>state of the buffer and of replay, JSON</td></tr>
        <tr><td><a href="/prom/buffer/export"><code>/prom/buffer/export</code></a></td><td>watchdog</td><td>snapshots as text, for <code>gatewayctl export</code></td></tr>
        <tr><td><code>POST /prom/buffer/start</code>, <code>POST /prom/buffer/stop</code></td><td>watchdog</td><td>order buffering to begin or to end</td></tr>
        <tr><td><code>POST /prom/buffer/replay</code></td><td>watchdog</td><td>offer snapshots again</td></tr>
        <tr><td><code>POST /prom/buffer/shelf/clear</code></td><td>watchdog</td><td>forget what was set aside and brought home by hand</td></tr>
        <tr><td><a href="/last/get/prometheus"><code>/last/get/prometheus</code></a></td><td>watchdog</td><td>seconds since Prometheus came</td></tr>
        <tr><td><a href="/-/healthy"><code>/-/healthy</code></a>, <a href="/-/ready"><code>/-/ready</code></a></td><td>anybody</td><td>health checks</td></tr>
        </table>
        </body>
        </html>
        """ + "\n";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIndex() => routes.MapGet("/", static async context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await context.Response.WriteAsync(Html, context.RequestAborted);
        });
    }
}
