using System.ComponentModel.DataAnnotations;

namespace Gateway.Scrape;

/// <summary>Where the host's trees are seen; section <c>Gateway:Host</c>. Other values serve containers and tests.</summary>
internal sealed class HostPathOptions
{
    public const string Section = "Gateway:Host";

    /// <summary>Root of procfs. Default <c>/proc</c>.</summary>
    [Required]
    public string ProcPath { get; set; } = "/proc";

    /// <summary>Root of sysfs. Default <c>/sys</c>.</summary>
    [Required]
    public string SysPath { get; set; } = "/sys";

    /// <summary>Root of the file systems measured, and of <c>/etc</c> and <c>/run</c> for collectors that read them. Default <c>/</c>.</summary>
    [Required]
    public string RootPath { get; set; } = "/";
}
