package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.codec.ScalabilityMode;
import dev.sfu.core.codec.ScalabilityMode.Template;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.RtpHeaderWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets which layers of AV1, of which nothing but the dependency descriptor tells. */
class DescribedLayersTest {
    private static final ScalabilityMode MODE = ScalabilityMode.L3T3;
    private static final int MID = 4;
    private static final int DESCRIPTOR = 12;
    private static final String DESCRIBED =
            "a=extmap:" + DESCRIPTOR + " " + HeaderExtension.DEPENDENCY_DESCRIPTOR.uri() + "\n";

    private final RoutingScene scene = new RoutingScene();
    private final ScriptedPeer told = viewer("told", DESCRIBED);
    private final ScriptedPeer untold = viewer("untold", "");
    private final ScriptedPeer publisher =
            scene.join("p", JoinRequest.Role.PUBLISHER, Offers.video("v", "sendonly", "AV1/90000", DESCRIBED));
    private int sequence = 1000;
    private int frame;
    private int picture;
    private int inCycle;

    private ScriptedPeer viewer(String id, String more) {
        return scene.join(id, JoinRequest.Role.VIEWER, Offers.video("v", "recvonly", "AV1/90000", more));
    }

    @AfterEach
    void everyBufferComesBack() {
        scene.close();
        assertEquals(0, scene.pool.outstanding());
    }

    /** Sends so many layers of a picture, a packet each, whose payload ends with the layer. */
    private void send(boolean key, int layers) {
        for (int layer = 0; layer < MODE.key().size(); layer++) {
            Template template = key ? MODE.key().get(layer) : MODE.cycle().get(inCycle++ % MODE.cycle().size());
            byte[] descriptor = key && layer == 0
                    ? MODE.withStructure(true, 0, template, frame)
                    : ScalabilityMode.plain(true, true, template.id(), frame);
            frame++;
            if (layer < layers) {
                publisher.sendRtp(packet(descriptor, layer));
            }
        }
        picture++;
        scene.advance(33 * ScriptedPeer.MS);
    }

    private byte[] packet(byte[] descriptor, int layer) {
        byte[] bytes = new byte[400];
        int header = new RtpHeaderWriter()
                .begin(bytes, 0, bytes.length)
                .payloadType(96)
                .sequenceNumber(sequence++)
                .timestamp(3000L * picture)
                .ssrc(0x1000)
                .extension(MID, new byte[] {'v'}, 0, 1)
                .extension(DESCRIPTOR, descriptor, 0, descriptor.length)
                .finish();
        bytes[header] = 0x10;
        bytes[header + 1] = 0x30;
        bytes[header + 2] = (byte) layer;
        return Arrays.copyOf(bytes, header + 3);
    }

    /** The layers that have come, in order; where the marker is set a picture ends. */
    private static String layers(ScriptedPeer viewer) {
        String all = viewer.rtp.stream()
                .map(packet -> ScriptedPeer.payload(packet)[2] + (ScriptedPeer.parse(packet).marker() ? " " : ""))
                .collect(Collectors.joining());
        viewer.rtp.clear();
        return all.trim();
    }

    @Test
    void spatialLayersGoToThoseWhoAreToldOfThem() {
        send(true, 3);
        send(false, 3);
        send(false, 3);
        assertEquals("012 012 012", layers(told));
        assertEquals("0 0 0", layers(untold), "from the first picture on");
    }

    /** An encoder makes upper layers when it has the bitrate for them. */
    @Test
    void spatialLayersThatComeLaterDoToo() {
        send(true, 1);
        for (int i = 0; i < 30; i++) {
            send(false, 1);
        }
        layers(told);
        assertEquals(List.of("0"), Arrays.stream(layers(untold).split(" ")).distinct().toList());
        inCycle = 0;
        send(true, 3);
        send(false, 3);
        send(false, 3);
        assertEquals("012 012 012", layers(told));
        assertEquals("0 0 0", layers(untold));
    }
}
