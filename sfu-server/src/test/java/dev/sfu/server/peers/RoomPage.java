package dev.sfu.server.peers;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A participant in a browser: what sfu-client.js does in a page that plays everything it gets. */
final class RoomPage {
    private static final String FUNCTIONS =
            """
            const join = async (options, room, name, camera) => {
              const { SfuClient } = await import(location.origin + '/sfu-client.js');
              const client = new SfuClient(options);
              window.client = client;
              window.events = [];
              for (const type of ['participantjoined', 'participantleft', 'trackadded', 'notice', 'error', 'ended']) {
                client.addEventListener(type, e => window.events.push(type));
              }
              client.addEventListener('trackadded', ({ detail }) => {
                const element = document.createElement('video');
                element.autoplay = true;
                element.srcObject = new MediaStream([detail.mediaTrack]);
                document.body.append(element);
              });
              await client.connect({ room, name });
              if (camera) {
                const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: camera });
                await Promise.all([
                  client.publish(stream.getAudioTracks()[0], { source: 'microphone' }),
                  client.publish(stream.getVideoTracks()[0], { source: 'camera' }),
                ]);
              }
              return client.connectionId;
            };
            const received = async () => {
              const report = await client.getStats();
              const codecs = new Map();
              report.forEach(s => { if (s.type === 'codec') codecs.set(s.id, s.mimeType); });
              const streams = [];
              report.forEach(s => {
                if (s.type === 'inbound-rtp') streams.push({ ...s, codec: codecs.get(s.codecId) ?? '' });
              });
              return streams;
            };
            """;

    /**
     * One received stream as the browser sees it.
     *
     * @param kind audio or video
     * @param codec MIME type
     * @param packets RTP packets
     * @param framesDecoded video frames
     * @param width of the last frame, pixels
     * @param audioEnergy of all that was played; above zero only when sound was decoded
     * @param plis keyframe requests sent
     */
    record Stream(
            String kind, String codec, long packets, long framesDecoded, int width, double audioEnergy, long plis) {}

    private final BrowserPage page;
    private final String connectionId;

    private RoomPage(BrowserPage page, String connectionId) {
        this.page = page;
        this.connectionId = connectionId;
    }

    /**
     * Joins.
     *
     * @param options of the SfuClient, JavaScript
     * @param camera constraints, JavaScript; null to publish nothing
     */
    static RoomPage join(BrowserPage page, String room, String name, String options, String camera) throws IOException {
        JsonNode connectionId = page.run(
                FUNCTIONS + "return join(" + options + ", '" + room + "', '" + name + "', " + camera + ")");
        return new RoomPage(page, connectionId.asText());
    }

    /** Names the connection in the server's statistics. */
    String connectionId() {
        return connectionId;
    }

    BrowserPage page() {
        return page;
    }

    /** What arrives. */
    List<Stream> received() throws IOException {
        List<Stream> streams = new ArrayList<>();
        for (JsonNode s : page.run(FUNCTIONS + "return received()")) {
            if (s.path("packetsReceived").asLong() > 0) {
                streams.add(new Stream(
                        s.path("kind").asText(),
                        s.path("codec").asText().toLowerCase(Locale.ROOT),
                        s.path("packetsReceived").asLong(),
                        s.path("framesDecoded").asLong(),
                        s.path("frameWidth").asInt(),
                        s.path("totalAudioEnergy").asDouble(),
                        s.path("pliCount").asLong()));
            }
        }
        return streams;
    }

    /** Names of the events so far. */
    List<String> events() throws IOException {
        List<String> names = new ArrayList<>();
        page.run("return window.events").forEach(name -> names.add(name.asText()));
        return names;
    }

    void leave() throws IOException {
        page.run("client.leave()");
    }
}
