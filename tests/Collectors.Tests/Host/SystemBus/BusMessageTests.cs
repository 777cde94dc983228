using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Collectors.Host.SystemBus;
using Xunit;

namespace Gateway.Collectors.Tests.Host.SystemBus;

public sealed class BusMessageTests
{
    public static TheoryData<string, string> Malformed => new() // case, message in hexadecimal
    {
        { "cut before the lengths", "6c0200010000000001000000" },
        { "neither byte order", "780200010000000001000000" + "00000000" },
        { "version 2", "6c0200020000000001000000" + "00000000" },
        { "body beyond the end", "6c0200010100000001000000" + "00000000" },
        { "fields beyond the end", "6c0200010000000001000000" + "08000000" },
        { "lengths that overflow", "6c020001ffffffff01000000" + "ffffffff" },
        { "field without a value", "6c0200010000000001000000" + "04000000" + "05017500" + "00000000" },
        { "field of two types", "6c0200010000000001000000" + "05000000" + "0502757500" + "000000" },
        { "field of an array type", "6c0200010000000001000000" + "04000000" + "05016100" + "00000000" },
        { "text longer than the message", "6c0200010000000001000000" + "08000000" + "03017300" + "ffffff7f" },
        { "text without a zero behind it", "6c0200010000000001000000" + "0a000000" + "03017300" + "01000000" + "7878" + "000000000000" },
    };

    [Theory, MemberData(nameof(Malformed))]
    public void Refuses_messages_that_break_the_format(string @case, string message)
    {
        var fault = Assert.Throws<FormatException>(() => { BusMessage.Parse(Convert.FromHexString(message)); });
        Assert.True(fault.Message.StartsWith("D-Bus: ", StringComparison.Ordinal), @case);
    }

    [Fact]
    public void Reads_a_recorded_answer()
    {
        var message = BusMessage.Parse(FakeBus.Recorded[1]);
        Assert.Equal(BusMessage.MethodReturn, message.Type);
        Assert.Equal(3u, message.ReplySerial);
        Assert.Equal("v", Encoding.ASCII.GetString(message.Signature));
        var body = message.Body;
        Assert.Equal("s", Encoding.ASCII.GetString(body.ReadSignature()));
        Assert.False(body.ReadString().IsEmpty);
    }

    [Fact]
    public void Reads_big_endian_and_passes_over_unknown_fields()
    {
        // Fields 5 (reply serial, 7) and 200 (a 64-bit number), body: one number.
        var bytes = Convert.FromHexString("4202000100000004000000010000001805017500" + "00000007" + "c801740000000000" + "0000000000000009" + "0000002a");
        var message = BusMessage.Parse(bytes);
        Assert.Equal(7u, message.ReplySerial);
        Assert.Equal(42u, message.Body.ReadUInt32());
    }

    [Fact]
    public void Calls_read_back_as_they_were_written() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<uint>(),
        ArbMap.Default.ArbFor<NonNull<string>[]>().Filter(texts => texts.Length <= 8),
        (serial, arguments) =>
        {
            // Unpaired surrogates have no UTF-8.
            var texts = Array.ConvertAll(arguments, text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get)));
            var buffer = new byte[1 << 20];
            var length = BusMessage.WriteCall(buffer, serial, "a.b", "/a/b", "a.b.C", "Do", texts);
            var message = BusMessage.Parse(buffer.AsSpan(0, length));
            var body = message.Body;
            var same = BusMessage.Length(buffer) == length && message.Serial == serial && message.Type == BusMessage.MethodCall
                && message.Member.SequenceEqual("Do"u8) && message.Signature.Length == texts.Length;
            foreach (var text in texts) same &= Encoding.UTF8.GetString(body.ReadString()) == text;
            return same;
        }));

    [Fact]
    public void Writes_the_calls_of_the_collector_within_their_buffer()
    {
        var buffer = new byte[2048];
        var length = Gateway.Collectors.Host.SystemdCollector.WriteRequests(buffer, withHello: true);
        var (members, at) = (new List<string>(), 0);
        while (at < length)
        {
            var message = BusMessage.Parse(buffer.AsSpan(at, length - at));
            members.Add($"{message.Serial} {Encoding.ASCII.GetString(message.Member)}");
            at += BusMessage.Length(buffer.AsSpan(at));
        }

        Assert.Equal("1 Hello, 2 ListUnits, 3 Get, 4 Get", string.Join(", ", members));
    }

    [Fact]
    public void Damaged_answers_are_refused_or_read_but_nothing_else()
    {
        var random = new Random(20260102);
        var clock = Stopwatch.StartNew();
        var (refused, read) = (0, 0);
        for (var i = 0; i < 20_000 && clock.Elapsed < TimeSpan.FromSeconds(2); i++)
        {
            var damaged = Damage(FakeBus.Recorded[random.Next(FakeBus.Recorded.Length)], random);
            try
            {
                var message = BusMessage.Parse(damaged);
                if (message.Signature.SequenceEqual("v"u8))
                {
                    var body = message.Body;
                    body.ReadSignature();
                    body.ReadString();
                }
                else
                {
                    var units = new SystemdUnits(message);
                    while (units.TryRead(out _))
                    {
                    }
                }

                read++;
            }
            catch (FormatException)
            {
                refused++;
            }
        }

        Assert.True(refused > 100 && read > 100, $"{refused} refused, {read} read: the damage should do both.");
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        var damaged = original.AsSpan(0, random.Next(4) == 0 ? random.Next(original.Length + 1) : original.Length).ToArray();
        for (var hits = random.Next(4); hits > 0 && damaged.Length > 4; hits--)
        {
            // The header and the first unit are where the lengths are that matter most.
            var at = random.Next(2) == 0 ? random.Next(damaged.Length - 3) : random.Next(Math.Min(160, damaged.Length - 3));
            if (random.Next(2) == 0) damaged[at] = (byte)random.Next(256);
            else BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(at), (uint)random.Next());
        }

        return damaged;
    }
}
