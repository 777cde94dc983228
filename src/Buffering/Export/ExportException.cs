namespace Gateway.Buffering.Export;

/// <summary>An export that cannot be made as it was asked for; the message says what can be.</summary>
public sealed class ExportException(string message) : Exception(message);
