using FsCheck;

namespace Gateway.TestKit;

/// <summary>How property tests run: a fixed number of cases from a fixed seed, so that a failure comes again.</summary>
public static class Properties
{
    private const ulong Seed = 20260101;
    private const ulong Gamma = 20260103; // must be odd

    /// <summary>Checks a property over this many generated cases.</summary>
    public static void Check(Property property, int cases = 200) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(Seed, Gamma), property);
}
