namespace Gateway.Push;

/// <summary>A moment on both clocks: ttl runs on the one that never steps, timestamps are compared with the other.</summary>
/// <param name="MonotonicMs">Milliseconds since the store was made.</param>
/// <param name="WallMs">Unix milliseconds.</param>
internal readonly record struct Moment(long MonotonicMs, long WallMs);
