using System.Reflection;
using Gateway.Cli.Arguments;
using Gateway.Cli.Commands;

namespace Gateway.Cli;

/// <summary>From the arguments to the exit code.</summary>
internal static class GatewayctlProgram
{
    /// <summary>Version of this program, for example <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        typeof(GatewayctlProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Runs a command. Never throws; what goes wrong is a sentence on standard error and the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            var line = CommandLine.Read(arguments, CommandCatalog.All);
            if (line.Has(CommonOptions.Version)) return await SayAsync(terminal, $"gatewayctl {Version}\n");
            if (line.Has(CommonOptions.Help)) return await SayAsync(terminal, HelpText.Of(line.Words, CommandCatalog.All));
            if (line.Command is null) throw CliException.Usage(line.Complaint);
            return await line.Command.RunAsync(new Invocation(line, terminal), cancellationToken);
        }
        catch (CliException e)
        {
            return await FailAsync(terminal, e.ExitCode, e.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return await FailAsync(terminal, ExitCode.Interrupted, "interrupted");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return await FailAsync(terminal, ExitCode.Failed, e.Message);
        }
    }

    private static async Task<int> SayAsync(Terminal terminal, string text)
    {
        await terminal.Out.WriteAsync(text);
        return ExitCode.Ok;
    }

    private static async Task<int> FailAsync(Terminal terminal, int exitCode, string message)
    {
        await terminal.Error.WriteLineAsync($"gatewayctl: {message}");
        return exitCode;
    }
}
