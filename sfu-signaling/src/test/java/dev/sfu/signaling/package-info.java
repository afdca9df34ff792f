@NullMarked
package dev.sfu.signaling;

import org.jspecify.annotations.NullMarked;
