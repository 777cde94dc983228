namespace Gateway.Cli.Commands;

/// <summary>All commands, in the order of the help.</summary>
internal static class CommandCatalog
{
    public static readonly IReadOnlyList<Command> All =
    [
        new BufferStatusCommand(),
        new BufferStatsCommand(),
        new BufferStartCommand(),
        new BufferStopCommand(),
        new BufferReplayCommand("buffer replay"),
        new BufferClearShelfCommand(),
        new BufferVerifyCommand(),
        new ExportCommand(),
        new BufferReplayCommand("replay"),
    ];
}
