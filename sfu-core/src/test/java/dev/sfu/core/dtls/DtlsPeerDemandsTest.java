package dev.sfu.core.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Hashtable;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsClient;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a server refuses in a client. */
class DtlsPeerDemandsTest {
    private static String refusalOf(Function<Negotiation, TlsClient> client) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint server = bed.server();
            var connecting = bed.connectForeign(client, UnaryOperator.identity(), server);
            String reason = server.awaitFailed();
            assertThrows(CompletionException.class, connecting::join);
            assertEquals(DtlsTransportState.FAILED, server.state());
            return reason;
        }
    }

    @Test
    void aClientWithoutCertificate() {
        assertEquals("the peer shows no certificate", refusalOf(negotiation -> new DtlsClient(negotiation) {
            @Override
            public TlsAuthentication getAuthentication() {
                return new TlsAuthentication() {
                    @Override
                    public void notifyServerCertificate(TlsServerCertificate serverCertificate) {}

                    @Override
                    public @Nullable TlsCredentials getClientCredentials(CertificateRequest certificateRequest) {
                        return null;
                    }
                };
            }
        }));
    }

    @Test
    void aClientWithoutExtendedMasterSecret() {
        assertTrue(refusalOf(negotiation -> new DtlsClient(negotiation) {
                    @Override
                    public boolean requiresExtendedMasterSecret() {
                        return false;
                    }

                    @Override
                    public boolean shouldUseExtendedMasterSecret() {
                        return false;
                    }
                })
                .contains("Extended Master Secret"));
    }

    @Test
    @SuppressWarnings({"rawtypes", "JdkObsolete"}) // Bouncy Castle's signatures
    void aClientWithoutSrtp() {
        assertEquals(
                "the peer offers no SRTP profile that is acceptable here",
                refusalOf(negotiation -> new DtlsClient(negotiation) {
                    @Override
                    public Hashtable getClientExtensions() throws IOException {
                        Hashtable extensions = super.getClientExtensions();
                        extensions.remove(TlsSRTPUtils.EXT_use_srtp);
                        return extensions;
                    }
                }));
    }

    @Test
    void aClientOfDtls10() {
        assertTrue(refusalOf(negotiation -> new DtlsClient(negotiation) {
                    @Override
                    protected ProtocolVersion[] getSupportedVersions() {
                        return ProtocolVersion.DTLSv10.only();
                    }

                    @Override
                    protected int[] getSupportedCipherSuites() {
                        return new int[] {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA};
                    }
                })
                .contains("protocol_version"));
    }

    @Test
    void aClientWithoutForwardSecrecyAndAuthenticatedEncryption() {
        assertTrue(refusalOf(negotiation -> new DtlsClient(negotiation) {
                    @Override
                    protected int[] getSupportedCipherSuites() {
                        return new int[] {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256};
                    }
                })
                .contains("handshake_failure"));
    }
}
