namespace Gateway.Collectors;

/// <summary>
/// Where the kernel's file systems are. Other roots than the usual ones serve tests with recorded trees and containers that see the host's trees elsewhere.
/// </summary>
/// <param name="ProcRoot">Root of procfs, normally <c>/proc</c>.</param>
/// <param name="SysRoot">Root of sysfs, normally <c>/sys</c>.</param>
/// <param name="Root">Root of the file system whose mounts are measured and whose <c>/etc</c> and <c>/run</c> are read, normally <c>/</c>.</param>
public sealed record HostPaths(string ProcRoot = "/proc", string SysRoot = "/sys", string Root = "/")
{
    /// <summary>A file below procfs, for example <c>Proc("net/dev")</c>.</summary>
    public string Proc(string relative) => Path.Join(ProcRoot, relative);

    /// <summary>A file below sysfs, for example <c>Sys("class/net")</c>.</summary>
    public string Sys(string relative) => Path.Join(SysRoot, relative);

    /// <summary>A path of the host, seen from here: <c>/mnt</c> with root <c>/host</c> is <c>/host/mnt</c>.</summary>
    public string FromRoot(string absolute) => Path.Join(Root, absolute);
}
