namespace Gateway.Collectors;

/// <summary>There is nothing to collect on this machine: hardware, kernel feature or service absent. Not a fault: logged at debug, the run counts as unsuccessful.</summary>
/// <param name="message">What is absent.</param>
public sealed class NoDataException(string message) : Exception(message);
