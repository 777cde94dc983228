using Serilog;
using Serilog.Extensions.Logging;

namespace Gateway.Logging;

/// <summary>Serilog behind Microsoft.Extensions.Logging: standard output in the form that <see cref="LogOptions"/> asks for, levels from <c>Logging:LogLevel</c>.</summary>
internal static class LoggingSetup
{
    public static void AddGatewayLogging(this ILoggingBuilder logging, LogOptions options, IConfiguration configuration)
    {
        var format = LineFormat.Settle(options.Format, Environment.GetEnvironmentVariable);
        // The levels are decided by the framework's filters; Serilog passes on what reaches it. Not the static logger: several hosts may live in one process.
        var serilog = new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .WriteTo.Console(LineFormat.Create(format))
            .CreateLogger();
        logging.ClearProviders();
        logging.AddConfiguration(configuration.GetSection("Logging"));
        // Not AddSerilog: it would switch the filters above off for its provider.
        logging.AddProvider(new SerilogLoggerProvider(serilog, dispose: true));
    }
}
