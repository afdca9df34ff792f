package dev.sfu.core.dtls;

import java.io.IOException;
import java.util.Arrays;
import java.util.Hashtable;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsSRTPUtils;

/** The server's answers to Bouncy Castle's handshake. */
@SuppressWarnings({"rawtypes", "JdkObsolete"}) // Bouncy Castle's signatures
final class DtlsServer extends DefaultTlsServer {
    private static final short[] CERTIFICATE_TYPES = {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign};

    private final Negotiation negotiation;
    private final int timeoutMillis;

    DtlsServer(Negotiation negotiation, int timeoutMillis) {
        super(negotiation.crypto());
        this.negotiation = negotiation;
        this.timeoutMillis = timeoutMillis;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return Negotiation.VERSION.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return Negotiation.cipherSuites(DtlsRole.SERVER);
    }

    @Override
    protected boolean preferLocalCipherSuites() {
        return true;
    }

    @Override
    public int[] getSupportedGroups() {
        return negotiation.crypto().groups();
    }

    /**
     * Ours in our order, whatever else the client lists: post-quantum hybrids and unknown groups are skipped.
     */
    @Override
    protected int selectECDH(int minimumCurveBits) {
        int[] offered = context.getSecurityParametersHandshake().getClientSupportedGroups();
        for (int group : negotiation.crypto().groups()) {
            if (offered == null || Arrays.stream(offered).anyMatch(candidate -> candidate == group)) {
                return group;
            }
        }
        return -1;
    }

    @Override
    protected boolean allowCertificateStatus() {
        return false;
    }

    @Override
    protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
        return negotiation.credentials(context);
    }

    /** Both sides authenticate (RFC 8827 section 6.5). */
    @Override
    public CertificateRequest getCertificateRequest() {
        return new CertificateRequest(CERTIFICATE_TYPES, Negotiation.signatureAlgorithms(), null);
    }

    @Override
    public void notifyClientCertificate(Certificate clientCertificate) throws IOException {
        negotiation.onRemoteCertificate(clientCertificate);
    }

    @Override
    public void processClientExtensions(Hashtable clientExtensions) throws IOException {
        super.processClientExtensions(clientExtensions);
        negotiation.onUseSrtpOffered(TlsSRTPUtils.getUseSRTPExtension(clientExtensions));
    }

    @Override
    public Hashtable getServerExtensions() throws IOException {
        Hashtable extensions = super.getServerExtensions();
        TlsSRTPUtils.addUseSRTPExtension(extensions, negotiation.useSrtp());
        return extensions;
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
        super.notifyHandshakeComplete();
        negotiation.onHandshakeComplete(context);
    }

    @Override
    public void notifyAlertReceived(short alertLevel, short alertDescription) {
        negotiation.onAlert(alertDescription);
    }

    /** Keys must not be exported without it (RFC 7627 section 5.4). */
    @Override
    public boolean requiresExtendedMasterSecret() {
        return true;
    }

    /** The fingerprint vouches for the certificate, whoever signed it and how. */
    @Override
    public boolean shouldCheckSigAlgOfPeerCerts() {
        return false;
    }

    @Override
    public int getMaxHandshakeMessageSize() {
        return Negotiation.HANDSHAKE_MESSAGE_LIMIT_BYTES;
    }

    @Override
    public int getHandshakeTimeoutMillis() {
        return timeoutMillis;
    }

    @Override
    public int getHandshakeResendTimeMillis() {
        return negotiation.config().timing().retransmitMillis();
    }
}
