namespace Gateway.Cli;

/// <summary>Ends the run with an exit code and a sentence for standard error.</summary>
internal sealed class CliException(int exitCode, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>One of <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>The command line is wrong.</summary>
    public static CliException Usage(string message) => new(Cli.ExitCode.Usage, message);

    /// <summary>It could not be done.</summary>
    public static CliException Failed(string message, Exception? cause = null) => new(Cli.ExitCode.Failed, message, cause);
}
