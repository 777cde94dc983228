using System.Runtime.CompilerServices;

namespace Gateway.Exposition;

/// <summary>Room for the labels of one line, beside the reader instead of on the heap.</summary>
[InlineArray(ParseLimits.LabelCeiling)]
internal struct LabelSlots
{
    private LabelSlot _first;
}

/// <summary>Where a label stands in its line: name and still escaped value, in bytes.</summary>
internal readonly record struct LabelSlot(int NameStart, int NameLength, int ValueStart, int ValueLength);
