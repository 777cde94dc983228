using Gateway.Buffering.Stores;
using Gateway.Collectors.Host;
using Gateway.Configuration;
using Gateway.Listen;
using Gateway.Sqlite;
using Gateway.State;

namespace Gateway;

/// <summary>The start of the program: reads the configuration, says what is wrong with it, runs. Exit codes: 0 stopped, 1 cannot run, 2 bad configuration.</summary>
internal static class GatewayProgram
{
    private const int CannotRun = 1;
    private const int BadConfiguration = 2;

    public static async Task<int> RunAsync(string[] args)
    {
#pragma warning disable RS0030 // The start of a program speaks to the console: there is no log yet.
        var (output, errors) = (Console.Out, Console.Error);
#pragma warning restore RS0030
        try
        {
            var commandLine = CommandLine.Parse(args);
            if (commandLine.ShowHelp || commandLine.Version)
            {
                await output.WriteLineAsync(commandLine.ShowHelp ? CommandLine.Help : $"gateway {Status.Build.Version}");
                return 0;
            }

            var configuration = ConfigurationLayers.Build(commandLine);
            var settings = GatewaySettings.Read(configuration, typeof(LoadAverageCollector).Assembly);
            if (commandLine.CheckConfig)
            {
                await output.WriteLineAsync("The configuration is good.");
                return 0;
            }

            await using var app = GatewayHost.Build(settings, configuration);
            if (commandLine.PrintExamples) app.Lifetime.ApplicationStarted.Register(() => output.WriteLine(Examples.For(app.Services.GetRequiredService<Listeners>())));
            await app.RunAsync();
            return 0;
        }
        catch (ConfigurationException e)
        {
            await errors.WriteLineAsync(e.Message);
            return BadConfiguration;
        }
        catch (Exception e) when (Fatal(e) is { } sentence)
        {
            await errors.WriteLineAsync(sentence);
            return CannotRun;
        }
    }

    /// <summary>The sentence of a fault that an operator can mend; null for anything else, which ends with its stack trace.</summary>
    private static string? Fatal(Exception e) => e switch
    {
        // The engine's own sentence, further in, names the file.
        BufferStoreException { Fault: BufferStoreFault.NewerVersion, InnerException: not SqliteVersionException } => e.Message,
        ListenException or StateInUseException or SqliteVersionException or SqliteMissingException => e.Message,
        { InnerException: { } inner } => Fatal(inner),
        _ => null,
    };
}
