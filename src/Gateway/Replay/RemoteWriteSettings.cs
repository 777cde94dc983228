using Gateway.Buffering.Outlets;
using Gateway.Configuration;

namespace Gateway.Replay;

/// <summary>Reads the options of remote write: a section with lists and maps below it, which the reader of flat options takes one by one.</summary>
internal static class RemoteWriteSettings
{
    /// <summary>Reads all; faults are collected in the reader.</summary>
    public static RemoteWriteOptions Read(OptionsReader reader)
    {
        const string Section = RemoteWriteOptions.Section;
        var options = reader.Read<RemoteWriteOptions>(Section, nameof(RemoteWriteOptions.Targets), nameof(RemoteWriteOptions.ExternalLabels), nameof(RemoteWriteOptions.PushedLabels));
        reader.ReadMap($"{Section}:{nameof(RemoteWriteOptions.ExternalLabels)}", options.ExternalLabels);
        reader.ReadMap($"{Section}:{nameof(RemoteWriteOptions.PushedLabels)}", options.PushedLabels);
        foreach (var path in reader.ReadIndexes($"{Section}:{nameof(RemoteWriteOptions.Targets)}"))
        {
            var target = reader.Read<RemoteWriteTargetOptions>(path, nameof(RemoteWriteTargetOptions.HeaderFiles));
            reader.ReadMap($"{path}:{nameof(RemoteWriteTargetOptions.HeaderFiles)}", target.HeaderFiles);
            foreach (var (key, rule) in target.CheckHeaders()) Report(reader, $"{path}:{key}", rule);
            options.Targets.Add(target);
        }

        foreach (var (key, rule) in options.CheckWhole()) Report(reader, $"{Section}:{key}", rule);
        return options;
    }

    private static void Report(OptionsReader reader, string key, string rule)
    {
        if (!reader.Has(key)) reader.Add(new(key, null, rule));
    }
}
