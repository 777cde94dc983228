using System.Globalization;
using System.Runtime.InteropServices;

namespace Gateway.Listen;

/// <summary>Owner, group and kind of a file: what the framework has no call for. chown(2), getpwnam_r(3), getgrnam_r(3), statx(2).</summary>
internal static partial class FileOwner
{
    private const uint Unchanged = uint.MaxValue;
    private const int AtFdCwd = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const uint StatxType = 0x1;
    private const int StatxBytes = 256;
    private const int StatxModeOffset = 28;
    private const int FileTypeMask = 0xF000;
    private const int SocketType = 0xC000;

    /// <summary>Bytes for the strings of one entry of the user database; entries of thousands of members do not fit and are given by number instead.</summary>
    private const int EntryBytes = 64 << 10;

    /// <summary>Sets owner and group, each a name or a number; empty leaves it.</summary>
    /// <exception cref="ListenException">A name is unknown, or the right to give the file away is missing.</exception>
    public static void Set(string path, string owner, string group)
    {
        if (owner.Length == 0 && group.Length == 0) return;
        var uid = owner.Length == 0 ? Unchanged : UserId(owner);
        var gid = group.Length == 0 ? Unchanged : GroupId(group);
        if (ChangeOwner(path, uid, gid) == 0) return;
        var reason = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        throw new ListenException(
            $"Cannot give {path} to owner {Quoted.Text(owner)}, group {Quoted.Text(group)}: {reason}. The service must be root, or a member of the group.");
    }

    /// <summary>True when there is a user of this name or the text is a number.</summary>
    public static unsafe bool IsUser(string name) => Number(name) is not null || TryLookup(name, GetUser, out _);

    /// <summary>True when there is a group of this name or the text is a number.</summary>
    public static unsafe bool IsGroup(string name) => Number(name) is not null || TryLookup(name, GetGroup, out _);

    /// <summary>True for a Unix socket; false for anything else and for nothing.</summary>
    public static unsafe bool IsSocket(string path)
    {
        var buffer = stackalloc byte[StatxBytes];
        return Statx(AtFdCwd, path, AtSymlinkNoFollow, StatxType, buffer) == 0
            && (*(ushort*)(buffer + StatxModeOffset) & FileTypeMask) == SocketType;
    }

    private static unsafe uint UserId(string name) => Number(name) ?? Lookup(name, "user", GetUser);

    private static unsafe uint GroupId(string name) => Number(name) ?? Lookup(name, "group", GetGroup);

    private static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static unsafe uint Lookup(string name, string kind, Getter getter) => TryLookup(name, getter, out var id)
        ? id
        : throw new ListenException($"There is no {kind} {Quoted.Text(name)}; Gateway:Listen names it as {(kind == "user" ? "SocketOwner" : "SocketGroup")}.");

    private static unsafe bool TryLookup(string name, Getter getter, out uint id)
    {
        // struct passwd: name, password, uid, gid, …; struct group: name, password, gid, …: the number follows two pointers in both.
        var entry = stackalloc byte[128];
        var strings = new byte[EntryBytes];
        fixed (byte* text = strings)
        {
            byte* result;
            var found = getter(name, entry, text, EntryBytes, &result) == 0 && result != null;
            id = found ? *(uint*)(entry + (2 * sizeof(nint))) : 0;
            return found;
        }
    }

    private unsafe delegate int Getter(string name, byte* entry, byte* strings, nuint size, byte** result);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int GetUser(string name, byte* entry, byte* strings, nuint size, byte** result);

    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int GetGroup(string name, byte* entry, byte* strings, nuint size, byte** result);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int folder, string path, int flags, uint mask, byte* buffer);
}
