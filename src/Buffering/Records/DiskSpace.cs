namespace Gateway.Buffering.Records;

/// <summary>Free space of the disk that a directory is on.</summary>
internal class DiskSpace(string directory)
{
    /// <summary>Bytes free for everybody; null when the system does not say.</summary>
    public virtual long? FreeBytes()
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
