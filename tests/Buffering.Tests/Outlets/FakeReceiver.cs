using System.Net;
using Gateway.Buffering.Outlets;

namespace Gateway.Buffering.Tests.Outlets;

/// <summary>A target in memory: answers as it is told, all or nothing, and remembers every sample that it took.</summary>
internal sealed class FakeReceiver(Func<List<SentSeries>, WriteAnswer>? judge = null) : IWriteSender
{
    /// <summary>How requests are answered; 204 when it is null.</summary>
    public Func<List<SentSeries>, WriteAnswer>? Judge { get; set; } = judge;

    /// <summary>Requests seen.</summary>
    public List<List<SentSeries>> Requests { get; } = [];

    /// <summary>What it stored; how often.</summary>
    public Dictionary<(string Series, long TimeMs), (double Value, int Times)> Stored { get; } = [];

    public bool IsDisposed { get; private set; }

    public static WriteAnswer Answer(int status, string text = "", TimeSpan? retryAfter = null) =>
        WriteAnswer.Judge((HttpStatusCode)status, System.Text.Encoding.UTF8.GetBytes(text), retryAfter);

    public ValueTask<WriteAnswer> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = SentSeries.DecodeBody(body.Span);
        Requests.Add(request);
        var answer = Judge?.Invoke(request) ?? Answer(204);
        if (answer.Result == RemoteWriteResult.Delivered) Store(request);
        return ValueTask.FromResult(answer);
    }

    public void Store(List<SentSeries> request)
    {
        foreach (var series in request)
        {
            foreach (var (time, value) in series.Samples)
            {
                var key = (series.Key, time);
                Stored[key] = Stored.TryGetValue(key, out var known) ? (value, known.Times + 1) : (value, 1);
            }
        }
    }

    public void Dispose() => IsDisposed = true;
}
