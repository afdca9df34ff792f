package dev.sfu.core.ice;

import java.net.InetSocketAddress;

/**
 * A 5-tuple that packets come and go on. There is one object per 5-tuple as long as it exists, so paths are compared
 * by identity; implemented by whoever owns the sockets.
 */
public interface NetworkPath {
    /** UDP or TCP. */
    Transport transport();

    /** The address of the socket here, which may be a wildcard. */
    InetSocketAddress local();

    /** Where packets come from, resolved. */
    InetSocketAddress remote();
}
