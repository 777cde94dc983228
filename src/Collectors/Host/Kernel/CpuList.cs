namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// A set of CPUs as the kernel writes it: numbers and ranges with commas, <c>0-3,8,10-11</c> (Documentation/admin-guide/cputopology.rst).
/// </summary>
internal static class CpuList
{
    /// <summary>Largest CPU number taken. No kernel is built for more than 8,192 CPUs; the bound keeps a broken file from filling memory.</summary>
    public const int MaxCpu = 65535;

    /// <summary>The CPUs in the order written; none for a blank file.</summary>
    /// <exception cref="FormatException">It is no such list; the message names <paramref name="file"/>.</exception>
    public static List<int> Parse(ReadOnlySpan<byte> content, string file)
    {
        List<int> cpus = [];
        content = content.Trim(" \t\r\n"u8);
        if (content.IsEmpty) return cpus;
        foreach (var part in content.Split((byte)','))
        {
            var range = content[part];
            var dash = range.IndexOf((byte)'-');
            var last = 0UL;
            var valid = KernelNumber.TryDecimal(dash < 0 ? range : range[..dash], out var first)
                && (dash < 0 || KernelNumber.TryDecimal(range[(dash + 1)..], out last));
            if (dash < 0) last = first;
            if (!valid || first > last || last > MaxCpu || cpus.Count > MaxCpu)
                throw new FormatException($"{file}: expected a list of CPUs such as '0-3,8', none above {MaxCpu}.");
            for (var cpu = first; cpu <= last; cpu++) cpus.Add((int)cpu);
        }

        return cpus;
    }
}
