using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// A secret (password, token, value of a header) that stands in a file: read when first needed and again whenever the file has changed, so that it can be
/// renewed without a restart. One line of text; the line feed at its end does not belong to it. One thread.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class SecretFile(string path)
{
    /// <summary>Far above any token.</summary>
    private const int MaxBytes = 64 << 10;

    private FileStamp _stamp;
    private string? _text;

    /// <summary>The secret.</summary>
    /// <exception cref="LocalFaultException">The file cannot be read or is no such text; the message names the file, not its content.</exception>
    public string Read()
    {
        try
        {
            using var file = File.OpenHandle(path);
            var stamp = FileStamp.Of(file);
            if (_text is not null && stamp == _stamp) return _text;
            if (stamp.Length > MaxBytes) throw new LocalFaultException($"{path}: larger than {MaxBytes} bytes");
            var bytes = new byte[stamp.Length];
            var read = RandomAccess.Read(file, bytes, 0);
            (_text, _stamp) = (Check(Encoding.UTF8.GetString(bytes.AsSpan(0, read)).TrimEnd('\r', '\n')), stamp);
            return _text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalFaultException($"{path}: cannot be read");
        }
    }

    private string Check(string text)
    {
        if (text.Length == 0) throw new LocalFaultException($"{path}: is empty");
        // A line feed in a header would begin another header.
        foreach (var c in text)
        {
            if (char.IsControl(c)) throw new LocalFaultException($"{path}: holds control characters; one line is needed");
        }

        return text;
    }
}

/// <summary>Tells whether a file is still the one that was read.</summary>
/// <param name="Changed">When its content was changed.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct FileStamp(DateTime Changed, long Length)
{
    /// <summary>Of an open file: a link that was set to another file is seen as well.</summary>
    public static FileStamp Of(SafeFileHandle file) => new(File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));

    /// <inheritdoc cref="Of(SafeFileHandle)"/>
    public static FileStamp Of(string path)
    {
        using var file = File.OpenHandle(path);
        return Of(file);
    }
}

/// <summary>Something on this machine, not at the target, keeps a request from being made; the message is a sentence without secrets.</summary>
internal sealed class LocalFaultException(string message) : Exception(message);
