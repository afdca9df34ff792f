@NullMarked
package dev.sfu.server;

import org.jspecify.annotations.NullMarked;
