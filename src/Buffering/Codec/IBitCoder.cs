namespace Gateway.Buffering.Codec;

/// <summary>
/// One direction of the arithmetic coder. A model is written once and runs in both: an encoder takes the bit and returns it, a decoder ignores what it is
/// given and returns the bit that was written.
/// </summary>
internal interface IBitCoder
{
    /// <summary>True in a decoder, where the numbers given to the model mean nothing.</summary>
    static abstract bool Reads { get; }

    /// <summary>One bit with a probability.</summary>
    /// <param name="bit">0 or 1; ignored by a decoder.</param>
    /// <param name="one">Probability of a 1 in 65,536ths, 1 to 65,535; the same in both directions.</param>
    int Bit(int bit, uint one);

    /// <summary>Up to 16 bits that are as likely 0 as 1.</summary>
    uint Plain(uint bits, int count);
}
