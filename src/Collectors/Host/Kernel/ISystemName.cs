namespace Gateway.Collectors.Host.Kernel;

/// <summary>The call uname(2), behind an interface so that tests can say what it answers.</summary>
internal interface ISystemName
{
    /// <summary>Fills six fields of <see cref="SystemName.FieldBytes"/> bytes, each text with a zero behind it.</summary>
    /// <exception cref="IOException">The call failed.</exception>
    void Read(Span<byte> fields);
}
