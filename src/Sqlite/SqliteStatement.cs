using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gateway.Sqlite;

/// <summary>One compiled statement with parameters <c>$1</c>, <c>$2</c>, …; belongs to its connection and to the one thread that uses it.</summary>
public sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <param name="command">An empty command of the connection; owned from now on.</param>
    /// <param name="sql">A constant of the program, never text from outside.</param>
    internal SqliteStatement(SqliteCommand command, string sql)
    {
        _command = command;
#pragma warning disable CA2100 // all callers pass constants
        command.CommandText = sql;
#pragma warning restore CA2100
    }

    /// <summary>Sets parameter <paramref name="number"/>: long, string, byte array, or null.</summary>
    public SqliteStatement Bind(int number, object? value)
    {
        while (_command.Parameters.Count < number)
        {
            _command.Parameters.Add(new SqliteParameter { ParameterName = "$" + (_command.Parameters.Count + 1).ToString(CultureInfo.InvariantCulture) });
        }

        _command.Parameters[number - 1].Value = value ?? DBNull.Value;
        return this;
    }

    /// <summary>Runs it to its end.</summary>
    public void Execute() => _command.ExecuteNonQuery();

    /// <summary>Runs it and hands out its rows; dispose the reader before the next call.</summary>
    public SqliteDataReader Read() => _command.ExecuteReader();

    public void Dispose() => _command.Dispose();
}
