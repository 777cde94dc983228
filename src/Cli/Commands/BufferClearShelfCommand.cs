using System.Globalization;
using Gateway.Cli.Arguments;

namespace Gateway.Cli.Commands;

/// <summary><c>buffer clear-shelf</c>: what was set aside has been brought home by hand.</summary>
internal sealed class BufferClearShelfCommand : Command
{
    private static readonly Option Since = CommonOptions.Since with { IsRequired = false, Help = "Oldest time, included. Default: from the beginning." };

    private static readonly Option Until = CommonOptions.Until with { Help = "Newest time, included. Default: to the end." };

    public override string Name => "buffer clear-shelf";

    public override string Summary => "forget what was brought home by hand";

    public override IReadOnlyList<string> Description =>
    [
        "What no scrape can deliver lies on the shelf until somebody brings it home: remote write, or an export that another system imports. Remote write clears it by itself; after an export this does, so that the gateway stops telling of it. Prints how many snapshots were taken off.",
        "The snapshots stay in the buffer until space or age takes them, and can still be exported; but nobody is waiting for them any more, so that their end is no longer counted as a loss.",
    ];

    public override IReadOnlyList<Option> Options => [Since, Until, CommonOptions.Socket, CommonOptions.Url, CommonOptions.Json];

    public override IReadOnlyList<(string Line, string Purpose)> Examples => [("gatewayctl buffer clear-shelf --until 6h", "Everything up to six hours ago has been exported")];

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        // The ends are left out when they are not given: times of a clock that was ahead lie in the future.
        var parameters = new List<KeyValuePair<string, string>>();
        if (invocation.Has(Since)) parameters.Add(new("since", invocation.Time(Since).ToString(CultureInfo.InvariantCulture)));
        if (invocation.Has(Until)) parameters.Add(new("until", invocation.Time(Until).ToString(CultureInfo.InvariantCulture)));
        if (invocation.Has(Since) && invocation.Has(Until) && invocation.Time(Since) > invocation.Time(Until)) throw CliException.Usage($"{Since.Name} is later than {Until.Name}");
        return BufferStartCommand.PostAsync(invocation, "shelf/clear", parameters, cancellationToken);
    }
}
