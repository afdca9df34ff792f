package dev.sfu.core.api;

/** What is served first when not everything fits. Screen shares come before cameras of the same priority. */
public enum SlotPriority {
    LOW,
    NORMAL,
    HIGH
}
