#pragma warning disable RS0030 // The ban on System.Diagnostics.Process protects the service; starting real parts is what these tests are for, and only here.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Xunit.Sdk;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// One process that a test started, with its output. Ends it by its own id, never by name, and only if it still runs. Output is kept up to a bound.
/// </summary>
internal sealed partial class RunningProcess : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    private const int MaxOutputCharacters = 1 << 20;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly string _name;

    private RunningProcess(Process process, string name)
    {
        (_process, _name) = (process, name);
        process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public string Errors
    {
        get { lock (_errors) return _errors.ToString(); }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">Full path.</param>
    /// <param name="arguments">Passed on as they are, without a shell.</param>
    /// <param name="folder">Working folder; null for that of the tests.</param>
    /// <param name="environment">Added to the environment of the tests; a null value removes a variable.</param>
    public static RunningProcess Start(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        // What the runner of the tests was given by systemd or for a service of its own is not meant for the parts.
        foreach (var name in info.Environment.Keys.Where(IsOurs).ToList()) info.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal)) info.Environment[name] = value;
        var process = Process.Start(info) ?? throw new XunitException($"{program} did not start.");
        process.StandardInput.Close();
        return new RunningProcess(process, Path.GetFileName(program));
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null, TimeSpan? limit = null)
    {
        await using var process = Start(program, arguments, folder, environment);
        await process.ExitedAsync(limit);
        return (process.ExitCode, process.Output, process.Errors);
    }

    /// <summary>Waits until it has ended and its output is complete; fails after the limit.</summary>
    public async Task ExitedAsync(TimeSpan? limit = null)
    {
        try
        {
            await _process.WaitForExitAsync(Poll.Deadline(limit));
        }
        catch (OperationCanceledException e)
        {
            throw new XunitException($"{_name} did not end within {limit ?? Poll.Patience}.\n{Output}\n{Errors}", e);
        }
    }

    public void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0 && !_process.HasExited)
            throw new XunitException($"Signal {signal} to {_name}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Signals and waits for the end; returns how long that took.</summary>
    public async Task<TimeSpan> EndAsync(int signal, TimeSpan? limit = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        Signal(signal);
        await ExitedAsync(limit);
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>Resident memory in bytes, <c>VmRSS</c> of proc_pid_status(5).</summary>
    public long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("VmRSS:".Length, line.Length - "VmRSS:".Length - "kB".Length), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) << 10;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal(Terminate);
            try
            {
                await _process.WaitForExitAsync(Poll.Deadline(TimeSpan.FromSeconds(5)));
            }
            catch (OperationCanceledException)
            {
                Signal(Kill);
                await ExitedAsync();
            }
        }

        _process.Dispose();
    }

    private static bool IsOurs(string variable) =>
        variable is "NOTIFY_SOCKET" or "WATCHDOG_USEC" or "WATCHDOG_PID" or "LISTEN_FDS" or "LISTEN_PID" or "LISTEN_FDNAMES" or "JOURNAL_STREAM"
        || variable.StartsWith("Gateway__", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("Logging__", StringComparison.OrdinalIgnoreCase);

    private static void Keep(StringBuilder output, string? line)
    {
        lock (output)
        {
            if (line is not null && output.Length < MaxOutputCharacters) output.Append(line).Append('\n');
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
