using System.Text;

#pragma warning disable RS0030 // tests judge by real programs and start them here only

namespace Gateway.TestKit;

/// <summary>Runs a program of the operating system to its end, with input on its standard input.</summary>
public static class Tool
{
    /// <summary>Longest run; a program that hangs is ended and fails the test.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Exit code, and everything the program said on both outputs.</summary>
    /// <exception cref="TimeoutException">The program did not end.</exception>
    public static async Task<(int ExitCode, string Output)> RunAsync(string tool, ReadOnlyMemory<byte> input, params string[] arguments)
    {
        using var process = new System.Diagnostics.Process
        {
            StartInfo = new(tool, arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8,
            },
        };
        process.Start();
        using var deadline = new CancellationTokenSource(Limit, TimeProvider.System);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.StandardInput.BaseStream.WriteAsync(input, deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{tool} did not end within {Limit}.", e);
        }
    }
}
