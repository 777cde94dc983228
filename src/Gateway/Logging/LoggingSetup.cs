using Serilog;
using Serilog.Extensions.Logging;

namespace Gateway.Logging;

/// <summary>Serilog behind Microsoft.Extensions.Logging: standard output in the form that <see cref="LogOptions"/> asks for, levels from <c>Logging:LogLevel</c>.</summary>
internal static class LoggingSetup
{
    /// <summary>
    /// The framework's report of a start that failed, with the whole stack. The program ends with it and says it itself: in one sentence what an operator can
    /// mend, with the stack everything else.
    /// </summary>
    private const string StartFailed = "Hosting failed to start";

    public static void AddGatewayLogging(this ILoggingBuilder logging, LogOptions options, IConfiguration configuration)
    {
        var format = LineFormat.Settle(
            options.Format, JournalStream.Is(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), JournalStream.StandardOutputIdentity()));
        // The levels are decided by the framework's filters; Serilog passes on what reaches it. Not the static logger: several hosts may live in one process.
        var serilog = new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .Filter.ByExcluding(line => line.MessageTemplate.Text == StartFailed)
            .WriteTo.Console(LineFormat.Create(format))
            .CreateLogger();
        logging.ClearProviders();
        logging.AddConfiguration(configuration.GetSection("Logging"));
        // Not AddSerilog: it would switch the filters above off for its provider.
        logging.AddProvider(new SerilogLoggerProvider(serilog, dispose: true));
    }
}
