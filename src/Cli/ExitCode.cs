namespace Gateway.Cli;

/// <summary>How a run ended; part of the contract with scripts.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Failed, refused by the gateway, or damage found.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>No gateway answers.</summary>
    public const int Unreachable = 3;

    /// <summary>Ended by a signal, as a shell reports Ctrl+C.</summary>
    public const int Interrupted = 130;

    /// <summary>All of them, for the help.</summary>
    public static readonly IReadOnlyList<(int Code, string Meaning)> All =
    [
        (Ok, "done"),
        (Failed, "failed, refused by the gateway, or damage found; the reason is on standard error"),
        (Usage, "the command line is wrong; nothing was done"),
        (Unreachable, "no gateway answers at the socket or URL"),
        (Interrupted, "ended by Ctrl+C or a stop from outside"),
    ];
}
