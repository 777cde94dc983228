using System.Text;

namespace Gateway.Cli.Output;

/// <summary>Rows of cells in columns as wide as their widest cell, two blanks between them.</summary>
internal sealed class AlignedTable
{
    private readonly List<string[]> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Adds a row; rows may differ in length. What a terminal would obey is replaced.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => Plain.Text(cell).Replace('\n', ' '))]);

    /// <summary>The table, each row ended by a line feed.</summary>
    public override string ToString()
    {
        var widths = new int[_rows.Count == 0 ? 0 : _rows.Max(row => row.Length)];
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++) widths[i] = Math.Max(widths[i], row[i].Length);
        }

        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            var line = new StringBuilder();
            for (var i = 0; i < row.Length; i++) line.Append(row[i].PadRight(widths[i] + 2));
            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
