package dev.sfu.core.ice;

import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Local credentials made ready for checking requests, and the remote ones that belong to them. */
final class LocalGeneration {
    private final int number;
    private final IceCredentials local;
    private final byte[] localUfrag;
    private final StunIntegrity key;
    private @Nullable IceCredentials remote;
    private byte @Nullable [] remoteUfrag;

    LocalGeneration(int number, IceCredentials local) {
        this.number = number;
        this.local = local;
        this.localUfrag = local.ufrag().getBytes(StandardCharsets.US_ASCII);
        this.key = StunIntegrity.ofPassword(local.password());
    }

    /** Counts up with every restart. */
    int number() {
        return number;
    }

    IceCredentials local() {
        return local;
    }

    @Nullable IceCredentials remote() {
        return remote;
    }

    StunIntegrity key() {
        return key;
    }

    void setRemote(IceCredentials credentials) {
        remote = credentials;
        remoteUfrag = credentials.ufrag().getBytes(StandardCharsets.US_ASCII);
    }

    boolean isAddressedBy(StunMessage request) {
        return request.usernameIs(localUfrag, remoteUfrag);
    }
}
