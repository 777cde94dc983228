namespace Gateway.Cli;

/// <summary>What the program has around it.</summary>
/// <param name="Out">Standard output for people and scripts.</param>
/// <param name="Output">The same as bytes, for exports. Nothing is left in <paramref name="Out"/> when something is written here.</param>
/// <param name="Error">Standard error: what went wrong, and remarks that are no output.</param>
/// <param name="Time">The clock.</param>
/// <param name="Environment">Value of an environment variable, or null.</param>
internal sealed record Terminal(TextWriter Out, Stream Output, TextWriter Error, TimeProvider Time, Func<string, string?> Environment);
