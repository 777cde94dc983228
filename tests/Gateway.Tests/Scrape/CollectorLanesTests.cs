using Gateway.Scrape;
using Gateway.Tests.Support;
using Xunit;

namespace Gateway.Tests.Scrape;

public sealed class CollectorLanesTests
{
    [Fact]
    public async Task Runs_no_more_at_a_time_than_there_are_processors_while_nothing_blocks()
    {
        using var lanes = new CollectorLanes(TimeSpan.FromMinutes(1)); // a busy machine holds threads up for longer than the usual patience
        var (running, most) = (0, 0);
        var gate = new Lock();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => lanes.RunAsync(() =>
        {
            lock (gate) most = Math.Max(most, ++running);
            Thread.SpinWait(100);
            lock (gate) running--;
            return Task.FromResult(i);
        }))).InTime();
        Assert.InRange(most, 1, Environment.ProcessorCount);
    }

    [Fact]
    public async Task Work_behind_blocked_threads_runs_all_the_same_and_so_does_what_comes_later()
    {
        using var lanes = new CollectorLanes();
        using var release = new ManualResetEventSlim();
        var blocked = Enumerable.Range(0, Environment.ProcessorCount * 3).Select(_ => lanes.RunAsync(() =>
        {
            release.Wait();
            return Task.FromResult(true);
        })).ToList();
        for (var i = 0; i < 20; i++) Assert.Equal(i, await lanes.RunAsync(() => Task.FromResult(i)).InTime());
        Assert.All(blocked, task => Assert.False(task.IsCompleted));
        release.Set();
        await Task.WhenAll(blocked).InTime();
        Assert.Equal(7, await lanes.RunAsync(() => Task.FromResult(7)).InTime());
    }

    [Fact]
    public async Task What_follows_a_pause_holds_no_lane()
    {
        using var lanes = new CollectorLanes();
        var pause = new TaskCompletionSource();
        var paused = Enumerable.Range(0, 100).Select(_ => lanes.RunAsync(async () =>
        {
            await pause.Task;
            return TaskScheduler.Current;
        })).ToList();
        Assert.Equal(1, await lanes.RunAsync(() => Task.FromResult(1)).InTime());
        pause.SetResult();
        Assert.All(await Task.WhenAll(paused).InTime(), scheduler => Assert.Same(TaskScheduler.Default, scheduler));
    }

    [Fact]
    public async Task A_fault_is_the_caller_s_and_ends_no_lane()
    {
        using var lanes = new CollectorLanes();
        await Assert.ThrowsAsync<IOException>(() => lanes.RunAsync<int>(() => throw new IOException("no")).InTime());
        Assert.Equal(1, await lanes.RunAsync(() => Task.FromResult(1)).InTime());
    }
}
