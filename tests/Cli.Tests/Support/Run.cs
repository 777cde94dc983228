using System.Text;
using Gateway.TestKit;

namespace Gateway.Cli.Tests.Support;

/// <summary>One run of the program inside the test.</summary>
internal sealed record Run(int ExitCode, string Output, string Errors)
{
    /// <summary>What the clock of a run says.</summary>
    public static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Runs it without environment variables.</summary>
    public static Task<Run> OfAsync(params string[] arguments) => OfAsync(new Dictionary<string, string>(StringComparer.Ordinal), CancellationToken.None, arguments);

    public static async Task<Run> OfAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new MemoryStream();
        await using var text = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true };
        await using var errors = new StringWriter();
        var terminal = new Terminal(text, output, errors, new ManualTimeProvider(Now), environment.GetValueOrDefault);
        var exitCode = await GatewayctlProgram.RunAsync(arguments, terminal, cancellationToken);
        return new Run(exitCode, Encoding.UTF8.GetString(output.ToArray()), errors.ToString());
    }
}
