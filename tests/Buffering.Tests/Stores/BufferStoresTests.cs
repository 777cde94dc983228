using System.ComponentModel.DataAnnotations;
using Gateway.Buffering.Stores;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Stores;

/// <summary>The choice of the store, and the options beside it.</summary>
public sealed class BufferStoresTests
{
    [Fact]
    public void The_default_is_sqlite()
    {
        using var folder = new TempFolder();
        using var store = BufferStores.Create(new BufferOptions { Directory = folder }, TimeProvider.System);
        Assert.Equal("sqlite", store.Kind);
        Assert.Null(BufferStores.Fault(BufferStoreKind.Sqlite));
    }

#if WITH_LITEDB
    [Fact]
    public void Litedb_is_there_in_a_build_that_has_it()
    {
        using var folder = new TempFolder();
        using var store = BufferStores.Create(new BufferOptions { Directory = folder, Store = BufferStoreKind.LiteDb }, TimeProvider.System);
        Assert.Equal("litedb", store.Kind);
        Assert.Null(BufferStores.Fault(BufferStoreKind.LiteDb));
    }
#else
    [Fact]
    public void Litedb_in_a_build_without_it_is_a_fault_that_says_how_to_get_it()
    {
        Assert.Contains("-p:WithLiteDb=true", BufferStores.Fault(BufferStoreKind.LiteDb), StringComparison.Ordinal);
        var options = new BufferOptions { Directory = "/tmp", Store = BufferStoreKind.LiteDb };
        Assert.Throws<NotSupportedException>(() => BufferStores.Create(options, TimeProvider.System));
    }
#endif

    [Fact]
    public void The_defaults_are_within_their_ranges()
    {
        var options = new BufferOptions();
        Assert.True(Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true));
    }

    [Fact]
    public void A_store_needs_its_directory() => Assert.Throws<ArgumentException>(() => BufferStores.Create(new BufferOptions(), TimeProvider.System));
}
