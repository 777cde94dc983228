namespace Gateway.Buffering.Codec;

/// <summary>The header of a column: everything beside its numbers. Filled and read again and again.</summary>
internal sealed class ColumnShape
{
    /// <summary>Columns that a column may be predicted from: more gain nothing on recorded data.</summary>
    public const int MaxKin = 3;

    private const int FormBits = 2;
    private const int KinBits = 2;
    private const int HasGapsFlag = 1 << (FormBits + KinBits);
    private const int HasCentreFlag = HasGapsFlag << 1;
    private const int HasDivisorFlag = HasCentreFlag << 1;

    public byte Scale { get; set; }

    public ColumnForm Form { get; set; }

    /// <summary>True when not every row has a sample of the column.</summary>
    public bool HasGaps { get; set; }

    /// <summary>The first integer.</summary>
    public long First { get; set; }

    /// <summary>The first difference of a <see cref="ColumnForm.Bend"/>.</summary>
    public long FirstStep { get; set; }

    /// <summary>What all differences are multiples of; at least 1.</summary>
    public long Divisor { get; set; }

    /// <summary>Taken off the differences after division.</summary>
    public long Centre { get; set; }

    public int KinCount { get; set; }

    /// <summary>Columns whose steps are taken off (positive) or added (negative): how many varying columns ago, from 1.</summary>
    public int[] Kin { get; } = new int[MaxKin];

    /// <summary>Rows that the header accounts for; numbers are coded for the rest.</summary>
    public int Skipped => Form == ColumnForm.Bend ? 2 : Form == ColumnForm.Step ? 1 : 0;

    public void Write(ByteWriter shapes, ByteWriter numbers)
    {
        var flags = (int)Form | (KinCount << FormBits);
        if (HasGaps) flags |= HasGapsFlag;
        if (Centre != 0) flags |= HasCentreFlag;
        if (Divisor != 1) flags |= HasDivisorFlag;
        shapes.Byte((byte)flags);
        shapes.Byte(Scale);
        if (Scale == Codec.Scale.Raw) numbers.Fixed64((ulong)First);
        else numbers.Signed(First);
        if (Form == ColumnForm.Constant) return;
        if (Form == ColumnForm.Bend) numbers.Signed(FirstStep);
        if (Divisor != 1) numbers.Varint((ulong)Divisor);
        if (Centre != 0) numbers.Signed(Centre);
        for (var i = 0; i < KinCount; i++) numbers.Signed(Kin[i]);
    }

    public void Read(ref ByteReader shapes, ref ByteReader numbers, string where)
    {
        var flags = shapes.Byte();
        Scale = shapes.Byte();
        if (flags >= HasDivisorFlag << 1 || !Codec.Scale.IsKnown(Scale))
            throw BufferFormatException.Damaged(where, $"a column of form {flags} and scale {Scale}");
        Form = (ColumnForm)(flags & ((1 << FormBits) - 1));
        KinCount = (flags >> FormBits) & ((1 << KinBits) - 1);
        HasGaps = (flags & HasGapsFlag) != 0;
        First = Scale == Codec.Scale.Raw ? (long)numbers.Fixed64() : numbers.Signed();
        (FirstStep, Divisor, Centre) = (0, 1, 0);
        if (Form == ColumnForm.Constant ? flags >> FormBits << FormBits is not (0 or HasGapsFlag) : Form != ColumnForm.Step && KinCount > 0)
            throw BufferFormatException.Damaged(where, $"a column of form {flags}");
        if (Form == ColumnForm.Constant) return;
        if (Form == ColumnForm.Bend) FirstStep = numbers.Signed();
        if ((flags & HasDivisorFlag) != 0) Divisor = (long)numbers.Varint();
        if ((flags & HasCentreFlag) != 0) Centre = numbers.Signed();
        for (var i = 0; i < KinCount; i++) Kin[i] = (int)Math.Clamp(numbers.Signed(), -int.MaxValue, int.MaxValue);
    }
}
