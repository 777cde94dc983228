using Gateway.Collectors;

namespace Gateway.TestKit;

/// <summary>Recorded inputs, copied beside the test assembly from the <c>Fixtures</c> folder of its project.</summary>
public static class FixtureRoot
{
    /// <summary>The folder of the fixtures.</summary>
    public static string Folder { get; } = Path.Join(AppContext.BaseDirectory, "Fixtures");

    /// <summary>procfs and sysfs of the fixtures.</summary>
    public static HostPaths HostPaths { get; } = new(Path.Join(Folder, "proc"), Path.Join(Folder, "sys"), Path.Join(Folder, "root"));

    /// <summary>A file or folder below the fixtures.</summary>
    public static string PathOf(string relative) => Path.Join(Folder, relative);
}
