namespace Gateway.Listen;

/// <summary>The service cannot listen where it should; the start ends with exit code 1. The message says why and what to do.</summary>
internal sealed class ListenException(string message, Exception? inner = null) : Exception(message, inner);
