package dev.sfu.bench.load;

import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import java.util.List;

/** The header extensions that synthetic peers know, with the numbers that their offers give them. */
final class Extensions {
    static final List<HeaderExtension> KNOWN = List.of(
            HeaderExtension.AUDIO_LEVEL,
            HeaderExtension.ABS_SEND_TIME,
            HeaderExtension.TRANSPORT_SEQUENCE,
            HeaderExtension.MID,
            HeaderExtension.RID,
            HeaderExtension.REPAIRED_RID);

    static final HeaderExtensionMap OFFERED = offered();

    private Extensions() {}

    private static HeaderExtensionMap offered() {
        HeaderExtensionMap map = new HeaderExtensionMap();
        map.add(HeaderExtension.AUDIO_LEVEL, 1);
        map.add(HeaderExtension.ABS_SEND_TIME, 2);
        map.add(HeaderExtension.TRANSPORT_SEQUENCE, 3);
        map.add(HeaderExtension.MID, 4);
        map.add(HeaderExtension.RID, 10);
        map.add(HeaderExtension.REPAIRED_RID, 11);
        return map;
    }
}
