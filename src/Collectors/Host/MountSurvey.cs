using Gateway.Collectors.Host.Kernel;

namespace Gateway.Collectors.Host;

/// <summary>
/// Asks a number of file systems within a time limit. Each question may hang for ever (a dead NFS server), so the questions are put by threads of their own
/// that can be left behind: one as long as answers come, more when they do not. A thread that is left behind ends when its question is answered, and as no
/// mount is asked twice at a time, there are never more such threads than hanging mounts.
/// </summary>
internal sealed class MountSurvey(FilesystemSpace.Query query, List<Mount> mounts)
{
    /// <summary>Threads at most; as many mounts can hang in one run before the rest of the mounts goes unasked in it.</summary>
    public const int MaxThreads = 8;

    /// <summary>Time without an answer after which another thread goes on with the next mount.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private const int StackBytes = 256 * 1024;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;
    private int _answered;

    /// <summary>
    /// Returns when all mounts have answered or the limit is over. Afterwards those that have not answered are still asking, those that were not asked for
    /// want of threads are given back.
    /// </summary>
    /// <param name="limit">Time for the whole survey.</param>
    /// <param name="time">Clock of the limit.</param>
    /// <param name="cancellationToken">Ends the survey at once, with <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (mounts.Count == 0) return;
        var start = time.GetTimestamp();
        var threads = 1;
        StartThread();
        try
        {
            while (true)
            {
                var before = Volatile.Read(ref _answered);
                var rest = limit - time.GetElapsedTime(start);
                if (rest <= TimeSpan.Zero) return;
                try
                {
                    await _done.Task.WaitAsync(rest < Patience ? rest : Patience, time, cancellationToken);
                    return;
                }
                catch (TimeoutException)
                {
                    if (Volatile.Read(ref _answered) != before || Volatile.Read(ref _next) >= mounts.Count || threads == MaxThreads) continue;
                    threads++;
                    StartThread();
                }
            }
        }
        finally
        {
            // No thread takes another mount from here on.
            for (var i = Interlocked.Exchange(ref _next, mounts.Count); i < mounts.Count; i++) mounts[i].Withdraw();
        }
    }

    private void StartThread() => new Thread(Ask, StackBytes) { IsBackground = true, Name = "mount survey" }.Start();

    private void Ask()
    {
        while (true)
        {
            var index = Take();
            if (index < 0) return;
            var error = query(mounts[index].Path, out var space);
            mounts[index].End(error, space);
            if (Interlocked.Increment(ref _answered) == mounts.Count) _done.SetResult();
        }
    }

    /// <summary>The next mount that nobody asked yet; -1 when there is none.</summary>
    private int Take()
    {
        while (true)
        {
            var index = Volatile.Read(ref _next);
            if (index >= mounts.Count) return -1;
            if (Interlocked.CompareExchange(ref _next, index + 1, index) == index) return index;
        }
    }
}
