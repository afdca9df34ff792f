/** Tests of layer selection: tables, and traces recorded from browsers. */
@NullMarked
package dev.sfu.core.layers;

import org.jspecify.annotations.NullMarked;
