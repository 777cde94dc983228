using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.State;

/// <summary>
/// <c>gateway.lock</c> in the state directory: an exclusive flock(2) as long as the process lives, released by the kernel however it ends.
/// The file holds the process number for people and for the message of a second process; it stays behind, empty, because removing it would race.
/// </summary>
internal sealed partial class StateLock : IDisposable
{
    public const string FileName = "gateway.lock";

    /// <summary>EWOULDBLOCK: what flock(2) answers when another process holds the lock.</summary>
    private const int WouldBlock = 11;

    private const int MaxProcessIdBytes = 16;

    private readonly FileStream _file;

    private StateLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="StateInUseException">Another process holds it.</exception>
    /// <exception cref="IOException">The file cannot be made or opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory or the file may not be written.</exception>
    public static StateLock Take(string directory)
    {
        var path = Path.Join(directory, FileName);
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) here.
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            Write(file, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            return new StateLock(file);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new StateInUseException(directory, ReadProcessId(path));
        }
    }

    public void Dispose()
    {
        Write(_file, "");
        _file.Dispose();
    }

    /// <summary>The number is a courtesy: on a full disk the lock holds without it.</summary>
    private static void Write(FileStream file, string text)
    {
        try
        {
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        }
        catch (IOException)
        {
            // The lock itself is not in the bytes.
        }
    }

    private static int? ReadProcessId(string path)
    {
        // A FileStream would ask for a lock of its own and be refused.
        var descriptor = Open(path, OpenReadOnly | OpenCloseOnExec);
        if (descriptor < 0) return null;
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true);
        Span<byte> bytes = stackalloc byte[MaxProcessIdBytes];
        var length = RandomAccess.Read(handle, bytes, 0);
        return int.TryParse(bytes[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExec = 0x80000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
