@NullMarked
package dev.sfu.bench;

import org.jspecify.annotations.NullMarked;
