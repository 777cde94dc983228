using Gateway.Buffering.Outlets;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

public sealed class WriteAnswerTests
{
    [Theory]
    [InlineData(200, "", RemoteWriteResult.Delivered)]
    [InlineData(204, "", RemoteWriteResult.Delivered)]
    [InlineData(400, "out of order sample", RemoteWriteResult.OutOfOrder)]
    [InlineData(400, "duplicate sample for timestamp", RemoteWriteResult.Duplicate)]
    [InlineData(400, "out of bounds", RemoteWriteResult.OutOfBounds)]
    [InlineData(400, "too old sample", RemoteWriteResult.OutOfBounds)]
    [InlineData(400, "the sample timestamp is too far in the future (err-mimir-too-far-in-future)", RemoteWriteResult.OutOfBounds)]
    [InlineData(400, "the sample has been rejected because ... (err-mimir-sample-out-of-order)", RemoteWriteResult.OutOfOrder)]
    [InlineData(409, "store locally for endpoint : add 1 samples: out of order sample", RemoteWriteResult.OutOfOrder)]
    [InlineData(400, "snappy: corrupt input", RemoteWriteResult.BadRequest)]
    [InlineData(422, "", RemoteWriteResult.BadRequest)]
    [InlineData(500, "too old sample\n", RemoteWriteResult.OutOfBounds)]
    [InlineData(500, "out of memory", RemoteWriteResult.ServerError)]
    [InlineData(502, "too old sample", RemoteWriteResult.ServerError)]
    [InlineData(503, "", RemoteWriteResult.ServerError)]
    [InlineData(408, "", RemoteWriteResult.ServerError)]
    [InlineData(413, "", RemoteWriteResult.TooLarge)]
    [InlineData(401, "", RemoteWriteResult.Credentials)]
    [InlineData(403, "", RemoteWriteResult.Credentials)]
    [InlineData(404, "remote write receiver needs to be enabled with --web.enable-remote-write-receiver", RemoteWriteResult.ReceiverOff)]
    [InlineData(415, "", RemoteWriteResult.ReceiverOff)]
    [InlineData(501, "", RemoteWriteResult.ReceiverOff)]
    [InlineData(301, "", RemoteWriteResult.Redirected)]
    [InlineData(308, "", RemoteWriteResult.Redirected)]
    [InlineData(429, "", RemoteWriteResult.Throttled)]
    [InlineData(402, "", RemoteWriteResult.Refused)]
    [InlineData(451, "", RemoteWriteResult.Refused)]
    public void Each_answer_has_its_meaning(int status, string text, RemoteWriteResult expected) => Assert.Equal(expected, FakeReceiver.Answer(status, text).Result);

    [Fact]
    public void What_the_target_says_cannot_shape_the_log()
    {
        var fault = FakeReceiver.Answer(400, "first\r\n\u001b[31msecond\tthird ü" + new string('x', 10_000)).Fault;
        Assert.StartsWith("answered 400, it refuses the request: first ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(fault, c => c is < ' ' or > '~');
        Assert.InRange(fault.Length, 100, 260);
    }
}
