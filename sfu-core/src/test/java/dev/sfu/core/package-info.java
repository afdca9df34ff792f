/** Rules that hold for the whole module and for the sources of all modules. */
@NullMarked
package dev.sfu.core;

import org.jspecify.annotations.NullMarked;
