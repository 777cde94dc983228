namespace Gateway.Collectors.Host.SystemBus;

/// <summary>
/// Steps through the answer to <c>org.freedesktop.systemd1.Manager.ListUnits</c> (org.freedesktop.systemd1(5)): an array of structures of name, description,
/// load state, active state, sub state, followed unit, object path, job number, job type, job path.
/// </summary>
internal ref struct SystemdUnits
{
    private BusReader _body;
    private readonly int _end;

    /// <exception cref="FormatException">The answer has other types, or its length does not fit.</exception>
    public SystemdUnits(BusMessage answer)
    {
        if (!answer.Signature.SequenceEqual("a(ssssssouso)"u8)) throw new FormatException("D-Bus: ListUnits answers with other types than a(ssssssouso).");
        _body = answer.Body;
        var length = _body.ReadUInt32();
        _body.Align(8);
        if (length > BusMessage.MaxBytes) throw new FormatException("D-Bus: the list of units is longer than its message.");
        _end = _body.Position + (int)length;
    }

    /// <summary>The next unit; false at the end.</summary>
    /// <exception cref="FormatException">The message ends within the unit.</exception>
    public bool TryRead(out SystemdUnit unit)
    {
        unit = default;
        if (_body.Position >= _end) return false;
        _body.Align(8);
        var name = _body.ReadString();
        _body.ReadString(); // description
        var loadState = _body.ReadString();
        var activeState = _body.ReadString();
        _body.ReadString(); // sub state
        _body.ReadString(); // followed unit
        _body.ReadString(); // object path
        _body.ReadUInt32(); // job number
        _body.ReadString(); // job type
        _body.ReadString(); // job path
        unit = new SystemdUnit(name, loadState, activeState);
        return true;
    }
}

/// <summary>A unit of systemd; the texts are slices of the answer.</summary>
internal readonly ref struct SystemdUnit(ReadOnlySpan<byte> name, ReadOnlySpan<byte> loadState, ReadOnlySpan<byte> activeState)
{
    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> LoadState { get; } = loadState;

    public ReadOnlySpan<byte> ActiveState { get; } = activeState;
}
