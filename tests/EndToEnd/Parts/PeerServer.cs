using System.Globalization;
using System.Text.Json;
using Gateway.TestKit;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// A receiving server of the tests: keeps its port and its data folder over restarts, can be stopped, killed, held and wiped, and is asked by its HTTP API.
/// Not thread-safe: one test drives it.
/// </summary>
internal abstract class PeerServer : IAsyncDisposable
{
    /// <summary>Longest time that a server may take to write its state when it is asked to end.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(1);

    private readonly string _program;
    private string _earlierLogs = "";
    private RunningProcess? _process;

    protected PeerServer(string tool, string binaryVariable, string dataFolder)
    {
        _program = Environment.GetEnvironmentVariable(binaryVariable) is { Length: > 0 } given ? Path.GetFullPath(given) : ToolPath.Find(tool);
        DataFolder = dataFolder;
        Port = FreePort.TakeLasting();
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = Poll.Patience };
    }

    /// <summary>Its TCP port on the loopback interface; the same over restarts.</summary>
    public int Port { get; }

    /// <summary>Where it keeps its data.</summary>
    public string DataFolder { get; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Its log, of earlier starts as well.</summary>
    public string Log => _earlierLogs + _process?.Output + _process?.Errors;

    protected HttpClient Client { get; }

    protected abstract string ReadyPath { get; }

    private RunningProcess Process => _process ?? throw new InvalidOperationException($"{Path.GetFileName(_program)} was not started.");

    /// <summary>Starts it and waits until it is ready. With the data that is in its folder.</summary>
    public async Task StartAsync()
    {
        if (IsRunning) throw new InvalidOperationException($"{Path.GetFileName(_program)} runs already.");
        if (_process is not null) await LeaveAsync();
        Directory.CreateDirectory(DataFolder);
        _process = RunningProcess.Start(_program, Arguments());
        await Poll.UntilAsync($"{Path.GetFileName(_program)} is ready", async () =>
        {
            if (_process.HasExited) throw new InvalidOperationException($"It ended with exit code {_process.ExitCode}.");
            using var answer = await Client.GetAsync(ReadyPath);
            return answer.IsSuccessStatusCode;
        }, evidence: () => Log);
    }

    /// <summary>Ends it in order (SIGTERM): it writes what it holds in memory.</summary>
    public Task StopAsync()
    {
        Process.Signal(RunningProcess.Continue);
        return Process.EndAsync(RunningProcess.Terminate, StopLimit);
    }

    /// <summary>Ends it at once (SIGKILL), as a crash does.</summary>
    public Task KillAsync() => Process.EndAsync(RunningProcess.Kill);

    /// <summary>Holds it (SIGSTOP): its connections stay open and nothing is answered.</summary>
    public void Suspend() => Process.Signal(RunningProcess.Stop);

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Resume() => Process.Signal(RunningProcess.Continue);

    /// <summary>Removes all its data; it must not run.</summary>
    public void Wipe()
    {
        if (IsRunning) throw new InvalidOperationException($"{Path.GetFileName(_program)} runs: its data are not wiped below it.");
        Directory.Delete(DataFolder, recursive: true);
    }

    /// <summary>One of its own counters or gauges, from <c>/metrics</c>: the sum over its series; 0 when there is no such series.</summary>
    /// <param name="name">Of the metric.</param>
    /// <param name="labels">Only series whose labels, written <c>name=value</c>, begin with this.</param>
    public async Task<double> OwnMetricAsync(string name, string labels = "") => ScrapedText.Parse(await Client.GetStringAsync("/metrics")).Series
        .Where(series => series.Key.Name == name && series.Key.Labels.StartsWith(labels, StringComparison.Ordinal)).Sum(series => series.Value);

    /// <summary>Result of an instant query: label sets and values.</summary>
    /// <param name="expression">PromQL.</param>
    /// <param name="time">Unix milliseconds; null for now.</param>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, double Value)>> QueryAsync(string expression, long? time = null)
    {
        using var document = await AskAsync(expression, time);
        return
        [
            .. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(series => (
                (IReadOnlyDictionary<string, string>)series.GetProperty("metric").EnumerateObject()
                    .ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal),
                ParseValue(series.GetProperty("value")[1].GetString() ?? ""))),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is null) return;
        if (IsRunning) _process.Signal(RunningProcess.Continue);
        await _process.DisposeAsync();
    }

    protected abstract IEnumerable<string> Arguments();

    protected async Task<JsonDocument> AskAsync(string expression, long? time)
    {
        var at = time is { } milliseconds ? $"&time={(milliseconds / 1000m).ToString(CultureInfo.InvariantCulture)}" : "";
        using var answer = await Client.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}{at}");
        var body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(body) : throw new InvalidOperationException($"{expression}: {(int)answer.StatusCode} {body}");
    }

    protected static double ParseValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private async Task LeaveAsync()
    {
        _earlierLogs = Log;
        var process = Process;
        _process = null;
        await process.DisposeAsync();
    }
}
