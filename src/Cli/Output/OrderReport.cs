using System.Text.Json;
using Gateway.Cli.Connection;

namespace Gateway.Cli.Output;

/// <summary>What a gateway says to an order, as text or JSON, whichever of the two it sent.</summary>
internal static class OrderReport
{
    public static string Of(GatewayAnswer answer, bool json)
    {
        var body = answer.Body.Trim();
        if (json) return (answer.IsJson ? body : JsonSerializer.Serialize(body)) + "\n";
        if (!answer.IsJson) return body.Length == 0 ? "ok\n" : Plain.Text(body) + "\n";
        var table = new AlignedTable();
        foreach (var (name, value) in JsonFields.Read(body).Scalars()) table.Add(name.Replace('_', ' '), value);
        return table.ToString();
    }
}
