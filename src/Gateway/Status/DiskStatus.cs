using System.Text.Json;

namespace Gateway.Status;

/// <summary>Space where the state lives; section <c>disk</c>. Little of it makes the service degraded: pushes will be refused when it is gone.</summary>
internal sealed class DiskStatus(string stateDirectory) : IStatusSection
{
    /// <summary>Free bytes below which an operator should act: some thousand pushes and the log of the database still fit.</summary>
    private const long LowBytes = 32 << 20;

    public string Name => "disk";

    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        json.WriteStartObject();
        json.WriteString("state_directory"u8, stateDirectory);
        try
        {
            var drive = new DriveInfo(stateDirectory);
            var (free, size) = (drive.AvailableFreeSpace, drive.TotalSize);
            json.WriteNumber("free_bytes"u8, free);
            json.WriteNumber("size_bytes"u8, size);
            if (free < LowBytes) health.Degraded($"Only {free >> 20} MiB are free in the state directory.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            json.WriteString("error"u8, e.Message);
            health.Degraded("The free space of the state directory cannot be read.");
        }

        json.WriteEndObject();
    }
}
