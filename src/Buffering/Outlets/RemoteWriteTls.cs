using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Buffering.Outlets;

/// <summary>What TLS towards a target needs from files. Made anew when one of the files has changed.</summary>
internal static class RemoteWriteTls
{
    /// <summary>Stamps of the files as they are now, to see a change.</summary>
    /// <exception cref="LocalFaultException">A file cannot be read.</exception>
    public static (FileStamp Ca, FileStamp Certificate, FileStamp Key) Stamp(RemoteWriteTargetOptions options) =>
        (StampOf(options.CaFile), StampOf(options.CertFile), StampOf(options.KeyFile));

    /// <summary>Options of the handshake.</summary>
    /// <exception cref="LocalFaultException">A file cannot be read or is not what it should be; the message names it.</exception>
    public static SslClientAuthenticationOptions Create(RemoteWriteTargetOptions options)
    {
        var tls = new SslClientAuthenticationOptions { CertificateRevocationCheckMode = X509RevocationMode.NoCheck };
        if (options.CaFile.Length > 0)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities(options.CaFile));
        }

        if (options.CertFile.Length > 0) tls.ClientCertificateContext = SslStreamCertificateContext.Create(Certificate(options), null, offline: true);
#pragma warning disable CA5359, MA0039 // Only where the operator has asked for it by name: InsecureSkipVerify.
        if (options.InsecureSkipVerify) tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        return tls;
    }

    private static FileStamp StampOf(string path)
    {
        if (path.Length == 0) return default;
        try
        {
            return FileStamp.Of(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalFaultException($"{path}: cannot be read");
        }
    }

    private static X509Certificate2Collection Authorities(string path)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0 ? authorities : throw new LocalFaultException($"{path}: holds no certificate in PEM");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new LocalFaultException($"{path}: holds no certificates in PEM that can be read");
        }
    }

    private static X509Certificate2 Certificate(RemoteWriteTargetOptions options)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new LocalFaultException($"{options.CertFile}, {options.KeyFile}: not a certificate and its key in PEM");
        }
    }
}
