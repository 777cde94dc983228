using System.Runtime.CompilerServices;

namespace Gateway.Collectors.Host.Kernel;

/// <summary>
/// Reads small files of procfs and sysfs whole, with plain system calls into a buffer that stays: such files have no length, are made up while they are
/// read and never block, so a stream would only add copies. One reader per collector; not thread-safe.
/// </summary>
internal sealed class KernelFile
{
    private const int FirstBytes = 4096;

    private readonly int _maxBytes;
    private byte[] _buffer = new byte[FirstBytes];

    /// <summary>A reader for files of at most this size; the default holds any file of procfs on a machine with thousands of devices.</summary>
    public KernelFile(int maxBytes = 16 << 20) => _maxBytes = maxBytes;

    /// <summary>The content; valid until the next call.</summary>
    /// <exception cref="IOException">The file is missing, unreadable or larger than this reader takes; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    public ReadOnlySpan<byte> Read(string path)
    {
        using var handle = File.OpenHandle(path);
        var length = 0;
        while (true)
        {
            var read = RandomAccess.Read(handle, _buffer.AsSpan(length), length);
            if (read == 0) return _buffer.AsSpan(0, length);
            length += read;
            if (length < _buffer.Length) continue;
            if (length >= _maxBytes) throw new IOException($"{path} is larger than {_maxBytes} bytes.");
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, _maxBytes));
        }
    }

    /// <summary>The content without white space at its ends; false when there is no such file, or the kernel refuses to read it just now.</summary>
    /// <remarks>Attributes of devices answer ENODEV, EINVAL or EOPNOTSUPP when the device has no such value: that is "absent", not a fault.</remarks>
    public bool TryRead(string path, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!File.Exists(path)) return false;
        try
        {
            content = Trim(Read(path));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> content) => content.Trim(" \t\r\n\0"u8);
}
