package dev.sfu.core.shard;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;

/** The addresses of this host that media can come to. */
final class LocalAddresses {
    private LocalAddresses() {}

    /** All unicast addresses of interfaces that are up, loopback included, link-local ones not. */
    static List<InetAddress> usable() throws SocketException {
        List<InetAddress> addresses = new ArrayList<>();
        Enumeration<NetworkInterface> interfaces = NetworkInterface.getNetworkInterfaces();
        while (interfaces.hasMoreElements()) {
            NetworkInterface networkInterface = interfaces.nextElement();
            if (!networkInterface.isUp()) {
                continue;
            }
            Enumeration<InetAddress> ofInterface = networkInterface.getInetAddresses();
            while (ofInterface.hasMoreElements()) {
                InetAddress address = ofInterface.nextElement();
                if (!address.isLinkLocalAddress() && !address.isMulticastAddress() && !address.isAnyLocalAddress()) {
                    addresses.add(address);
                }
            }
        }
        return addresses;
    }
}
