using System.Net.Sockets;
using Gateway.Listen;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Tests.Listen;

public sealed class UnixSocketTests : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private readonly TempFolder _folder = new();

    private string Path => _folder["s"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("0660")]
    [InlineData("0600")]
    [InlineData("0777")]
    public void Is_bound_with_its_mode_and_removed_when_it_is_closed(string octal)
    {
        Assert.True(new ListenOptions { SocketMode = octal }.TryGetMode(out var mode));
        using (UnixSocket.Bind(Path, mode, "", "")) Assert.Equal(mode, File.GetUnixFileMode(Path));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void The_folder_is_made()
    {
        using var socket = UnixSocket.Bind(_folder["a/b/s"], Mode, "", "");
        Assert.True(File.Exists(_folder["a/b/s"]));
    }

    [Fact]
    public void A_stale_socket_is_replaced()
    {
        LeaveStale();
        using var socket = UnixSocket.Bind(Path, Mode, "", "");
        socket.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(Path));
    }

    [Fact]
    public void A_live_socket_is_refused_and_goes_on_living()
    {
        using var living = UnixSocket.Bind(Path, Mode, "", "");
        living.Listen();
        var fault = Assert.Throws<ListenException>(() => UnixSocket.Bind(Path, Mode, "", ""));
        Assert.Equal($"{Path} is in use: another process listens there. Stop it or choose another Gateway:Listen:Socket.", fault.Message);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(Path));
    }

    [Fact]
    public void A_live_socket_whose_queue_is_full_is_refused_as_well()
    {
        using var living = UnixSocket.Bind(Path, Mode, "", "");
        living.Listen(1);
        var clients = new List<Socket>();
        try
        {
            for (var i = 0; i < 10; i++)
            {
                var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
                clients.Add(client);
                try
                {
                    client.Connect(new UnixDomainSocketEndPoint(Path));
                }
                catch (SocketException)
                {
                    break; // full
                }
            }

            Assert.Contains("is in use", Assert.Throws<ListenException>(() => UnixSocket.Bind(Path, Mode, "", "")).Message, StringComparison.Ordinal);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public void Nothing_but_a_socket_is_ever_removed()
    {
        File.WriteAllText(Path, "precious");
        Assert.StartsWith($"{Path} exists and is no socket", Assert.Throws<ListenException>(() => UnixSocket.Bind(Path, Mode, "", "")).Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(Path));

        var folder = _folder["folder"];
        Directory.CreateDirectory(folder);
        Assert.Throws<ListenException>(() => UnixSocket.Bind(folder, Mode, "", ""));
        Assert.True(Directory.Exists(folder));

        var link = _folder["link"];
        foreach (var target in new[] { Path, folder, _folder["nowhere"] })
        {
            File.CreateSymbolicLink(link, target);
            Assert.Throws<ListenException>(() => UnixSocket.Bind(link, Mode, "", ""));
            Assert.Equal(target, new FileInfo(link).LinkTarget);
            File.Delete(link);
        }
    }

    [Fact]
    public void A_link_to_a_stale_socket_is_left_alone()
    {
        LeaveStale();
        var link = _folder["link"];
        File.CreateSymbolicLink(link, Path);
        Assert.Throws<ListenException>(() => UnixSocket.Bind(link, Mode, "", ""));
        Assert.Equal(Path, new FileInfo(link).LinkTarget);
        Assert.True(FileOwner.IsSocket(Path));
        Assert.False(FileOwner.IsSocket(link));
        Assert.False(FileOwner.IsSocket(_folder["nowhere"]));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_sentence()
    {
        File.WriteAllText(_folder["file"], "");
        var fault = Assert.Throws<ListenException>(() => UnixSocket.Bind(_folder["file/s"], Mode, "", ""));
        Assert.StartsWith("Cannot make the folder of the socket ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody-of-that-name", "", "There is no user \"nobody-of-that-name\"; Gateway:Listen names it as SocketOwner.")]
    [InlineData("", "no-group-of-that-name", "There is no group \"no-group-of-that-name\"; Gateway:Listen names it as SocketGroup.")]
    public void An_unknown_owner_or_group_is_a_sentence_and_leaves_no_socket(string owner, string group, string message)
    {
        Assert.Equal(message, Assert.Throws<ListenException>(() => UnixSocket.Bind(Path, Mode, owner, group)).Message);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void Owner_and_group_are_taken_by_name_and_by_number()
    {
        var mine = Stat("%g", _folder.Path);
        using (UnixSocket.Bind(Path, Mode, "", mine)) Assert.Equal(mine, Stat("%g", Path));
        using (UnixSocket.Bind(Path, Mode, "", Stat("%G", _folder.Path))) Assert.Equal(mine, Stat("%g", Path));
        if (Environment.IsPrivilegedProcess)
        {
            using (UnixSocket.Bind(Path, Mode, "daemon", "daemon")) Assert.Equal("daemon daemon", Stat("%U %G", Path));
            using (UnixSocket.Bind(Path, Mode, "4711", "4712")) Assert.Equal("4711 4712", Stat("%u %g", Path));
        }
        else
        {
            Assert.Contains("The service must be root", Assert.Throws<ListenException>(() => UnixSocket.Bind(Path, Mode, "root", "")).Message, StringComparison.Ordinal);
            Assert.False(File.Exists(Path));
        }
    }

    /// <summary>A socket file without a process, as after kill -9: closing the descriptor alone leaves it.</summary>
    private void LeaveStale()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path + ".moved"));
        File.Move(Path + ".moved", Path);
    }

    private static string Stat(string format, string path)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", format, path]) { UseShellExecute = false, RedirectStandardOutput = true });
        return process!.StandardOutput.ReadToEnd().Trim();
    }
}
