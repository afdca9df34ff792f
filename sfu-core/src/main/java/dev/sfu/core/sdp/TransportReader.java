package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the ICE and DTLS attributes of the session or of one section. */
final class TransportReader {
    private static final int FINGERPRINT_LIMIT = 16;
    private static final int OPTION_LIMIT = 16;

    private @Nullable String iceUfrag;
    private @Nullable String icePwd;
    private List<String> iceOptions = List.of();
    private final List<Fingerprint> fingerprints = new ArrayList<>();
    private @Nullable Setup setup;

    /** Takes an attribute that belongs here; false for all others. */
    boolean accept(Attribute attribute) throws SdpException {
        switch (attribute.name()) {
            case "ice-ufrag" -> {
                Syntax.once(iceUfrag, "ice-ufrag");
                iceUfrag = attribute.requiredValue();
                if (!Syntax.isIceText(iceUfrag, 4, 256)) {
                    throw SdpException.of(iceUfrag, "ice-ufrag of 4..256 ICE characters");
                }
            }
            case "ice-pwd" -> {
                Syntax.once(icePwd, "ice-pwd");
                icePwd = attribute.requiredValue();
                if (!Syntax.isIceText(icePwd, 22, 256)) {
                    // The value is a secret, even a wrong one.
                    throw SdpException.of("ice-pwd", "22..256 ICE characters");
                }
            }
            case "ice-options" -> {
                List<String> options = Syntax.split(attribute.requiredValue(), ' ', OPTION_LIMIT, "ICE options");
                for (String option : options) {
                    Syntax.word(option, 64, "ICE option");
                }
                iceOptions = options;
            }
            case "fingerprint" -> {
                if (fingerprints.size() == FINGERPRINT_LIMIT) {
                    throw SdpException.of("fingerprint", "at most " + FINGERPRINT_LIMIT);
                }
                fingerprints.add(Fingerprint.parse(attribute.requiredValue()));
            }
            case "setup" -> {
                Syntax.once(setup, "setup");
                setup = Setup.parse(attribute.requiredValue());
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    TransportAttributes finish() {
        return new TransportAttributes(iceUfrag, icePwd, iceOptions, fingerprints, setup);
    }
}
