using System.Runtime.CompilerServices;

namespace Gateway.Tests.Support;

/// <summary>Some tests block threads on purpose, and the thread pool grows by one or two a second: without a higher minimum the others would wait for them.</summary>
internal static class TestThreads
{
    private const int Threads = 64;

    [ModuleInitializer]
    internal static void Raise() => ThreadPool.SetMinThreads(Threads, Threads);
}
