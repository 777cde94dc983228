using System.Diagnostics;

namespace Gateway.Tests.Support;

/// <summary>The built program as a child process.</summary>
internal static class RunningProgram
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="environment">Variables of the child beside those of this process.</param>
    /// <param name="arguments">Its command line.</param>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await EndAsync(process);
        return (process.ExitCode, await output, await errors);
    }

    public static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory };
        start.ArgumentList.Add(typeof(GatewayProgram).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("Gateway_", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    /// <summary>Waits for the end; a process that does not end is killed and the test fails.</summary>
    public static async Task EndAsync(Process process)
    {
        try
        {
            await process.WaitForExitAsync().InTime();
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }
    }
}
