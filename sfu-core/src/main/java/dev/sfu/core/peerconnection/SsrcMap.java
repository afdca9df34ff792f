package dev.sfu.core.peerconnection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small map from SSRC to something, open addressing with linear probing; looking up allocates nothing.
 *
 * @param <V> the values
 */
final class SsrcMap<V> {
    private int[] keys = new int[16];
    private @Nullable Object[] values = new Object[16];
    private int size;

    @Nullable V get(int ssrc) {
        int mask = keys.length - 1;
        for (int i = slot(ssrc, mask); ; i = (i + 1) & mask) {
            Object value = values[i];
            if (value == null) {
                return null;
            }
            if (keys[i] == ssrc) {
                return cast(value);
            }
        }
    }

    void put(int ssrc, V value) {
        if (size * 2 >= keys.length) {
            grow();
        }
        int mask = keys.length - 1;
        int i = slot(ssrc, mask);
        while (values[i] != null && keys[i] != ssrc) {
            i = (i + 1) & mask;
        }
        if (values[i] == null) {
            size++;
        }
        keys[i] = ssrc;
        values[i] = value;
    }

    @Nullable V remove(int ssrc) {
        int mask = keys.length - 1;
        int i = slot(ssrc, mask);
        while (values[i] != null && keys[i] != ssrc) {
            i = (i + 1) & mask;
        }
        Object removed = values[i];
        if (removed == null) {
            return null;
        }
        values[i] = null;
        size--;
        // Close the gap: entries behind it that hash before it would become unreachable.
        for (int j = (i + 1) & mask; values[j] != null; j = (j + 1) & mask) {
            Object moved = values[j];
            int key = keys[j];
            values[j] = null;
            int k = slot(key, mask);
            while (values[k] != null) {
                k = (k + 1) & mask;
            }
            keys[k] = key;
            values[k] = moved;
        }
        return cast(removed);
    }

    int size() {
        return size;
    }

    List<V> values() {
        List<V> list = new ArrayList<>(size);
        for (Object value : values) {
            if (value != null) {
                list.add(cast(value));
            }
        }
        return list;
    }

    void clear() {
        Arrays.fill(values, null);
        size = 0;
    }

    private void grow() {
        int[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new int[oldKeys.length * 2];
        values = new Object[oldKeys.length * 2];
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            Object value = oldValues[i];
            if (value != null) {
                put(oldKeys[i], cast(value));
            }
        }
    }

    private static int slot(int ssrc, int mask) {
        int hash = ssrc * 0x9E3779B9;
        return (hash >>> 16) & mask;
    }

    @SuppressWarnings("unchecked")
    private V cast(Object value) {
        return (V) value;
    }
}
