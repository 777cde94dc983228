using Gateway.Cli.Arguments;

namespace Gateway.Cli.Commands;

/// <summary>One command of <c>gatewayctl</c>. Without state; a new one is a file here and a line in <see cref="CommandCatalog"/>.</summary>
internal abstract class Command
{
    /// <summary>The words that name it.</summary>
    public abstract string Name { get; }

    /// <summary>One line for the list of commands, without full stop.</summary>
    public abstract string Summary { get; }

    /// <summary>What it does, for its help: paragraphs of lines that need not be broken.</summary>
    public abstract IReadOnlyList<string> Description { get; }

    /// <summary>Its options, those of all commands left out.</summary>
    public abstract IReadOnlyList<Option> Options { get; }

    /// <summary>Whole command lines with what they are good for.</summary>
    public virtual IReadOnlyList<(string Line, string Purpose)> Examples => [];

    /// <summary>Runs it and returns the exit code.</summary>
    /// <exception cref="CliException">It failed.</exception>
    public abstract Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken);
}
