using System.Reflection;
using Gateway.Buffering;
using Gateway.Buffering.Outlets;
using Gateway.Buffering.Stores;
using Gateway.Collectors;
using Gateway.Configuration;
using Gateway.Http;
using Gateway.Listen;
using Gateway.Logging;
using Gateway.Push;
using Gateway.Replay;
using Gateway.Scrape;
using Gateway.State;

namespace Gateway;

/// <summary>The whole configuration, read and checked. Every options class of the service appears here once.</summary>
internal sealed record GatewaySettings
{
    public required GatewayOptions Gateway { get; init; }

    public required ListenOptions Listen { get; init; }

    public required AgentOptions Agents { get; init; }

    public required ScrapeOptions Scrape { get; init; }

    public required HostPathOptions Host { get; init; }

    public required PushOptions Push { get; init; }

    public required StateOptions State { get; init; }

    public required BufferOptions Buffer { get; init; }

    public required ReplayOptions Replay { get; init; }

    public required ConfirmOptions Confirm { get; init; }

    public required RemoteWriteOptions RemoteWrite { get; init; }

    public required LogOptions Log { get; init; }

    public required CollectorCatalog Collectors { get; init; }

    /// <summary>The state directory as a full path; empty as long as the setting is at fault.</summary>
    public string StateDirectory => Gateway.StateDirectory is { Length: > 0 } path && !path.Contains('\0', StringComparison.Ordinal) ? Path.GetFullPath(path) : "";

    /// <summary>Reads everything.</summary>
    /// <param name="configuration">All layers.</param>
    /// <param name="collectorAssemblies">Where collectors are looked for.</param>
    /// <exception cref="ConfigurationException">Something is wrong; all of it is listed.</exception>
    public static GatewaySettings Read(IConfiguration configuration, params ReadOnlySpan<Assembly> collectorAssemblies)
    {
        var known = new List<(CollectorAttribute Attribute, Type Type)>();
        foreach (var assembly in collectorAssemblies) known.AddRange(CollectorCatalog.Find(assembly));
        var reader = new OptionsReader(configuration);
        reader.RefuseUnknown("", ["Gateway", "Logging"]);
        var settings = new GatewaySettings
        {
            Gateway = reader.Read<GatewayOptions>(GatewayOptions.Section, "Listen", "Agents", "Scrape", "Host", "Push", "State", "Buffer", "Replay", "Log", "Collectors"),
            Listen = reader.Read<ListenOptions>(ListenOptions.Section),
            Agents = reader.Read<AgentOptions>(AgentOptions.Section),
            Scrape = reader.Read<ScrapeOptions>(ScrapeOptions.Section),
            Host = reader.Read<HostPathOptions>(HostPathOptions.Section),
            Push = reader.Read<PushOptions>(PushOptions.Section),
            State = reader.Read<StateOptions>(StateOptions.Section),
            Buffer = reader.Read<BufferOptions>(BufferOptions.Section),
            Replay = reader.Read<ReplayOptions>(ReplayOptions.Section, "Confirm", "RemoteWrite"),
            Confirm = reader.Read<ConfirmOptions>(ConfirmOptions.Section),
            RemoteWrite = RemoteWriteSettings.Read(reader),
            Log = reader.Read<LogOptions>(LogOptions.Section),
            Collectors = CollectorCatalog.Read(reader, known),
        };
        settings.State.Directory = settings.StateDirectory;
        if (settings.Buffer.Directory.Length == 0) settings.Buffer.Directory = settings.StateDirectory;
        LogLevels.Check(configuration, reader);
        CheckAcross(settings, reader);
        return reader.Faults.Count == 0 ? settings : throw new ConfigurationException(reader.Faults);
    }

    /// <summary>Rules that span sections.</summary>
    private static void CheckAcross(GatewaySettings settings, OptionsReader reader)
    {
        if (BufferStores.Fault(settings.Buffer.Store) is { } missing)
            reader.Add(new($"{BufferOptions.Section}:Store", settings.Buffer.Store.ToString(), missing));
        // Without a state directory there is no path to check; that fault is listed already.
        if (settings.Listen.IsSocketOff || settings.StateDirectory.Length == 0 || reader.Has($"{ListenOptions.Section}:Socket")) return;
        var path = settings.Listen.SocketPath(settings.StateDirectory);
        if (System.Text.Encoding.UTF8.GetByteCount(path) <= ListenOptions.MaxSocketPathBytes) return;
        var madeFrom = settings.Listen.Socket.Length == 0 ? "is made from the state directory and" : "is in full";
        reader.Add(new($"{ListenOptions.Section}:Socket", path,
            $"{madeFrom} longer than {ListenOptions.MaxSocketPathBytes} bytes, the kernel's limit; set it to a shorter path"));
    }
}
