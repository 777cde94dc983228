using Gateway.Exposition;
using Gateway.Push;
using Gateway.Replay;

namespace Gateway;

/// <summary>Adapter: pushes become events in the buffer while a consumer is away.</summary>
internal sealed class PushedEvents(PushRecorder recorder) : IPushObserver
{
    public Task OnPushed(in PushEvent push) =>
        recorder.Push(new PushedEvent(Series.Create(push.Family, push.Key.LabelNames, push.Key.LabelValues), push.Value, push.TimeMs));
}
