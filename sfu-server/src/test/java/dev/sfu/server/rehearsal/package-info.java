/** The rehearsal against a whole server. */
@NullMarked
package dev.sfu.server.rehearsal;

import org.jspecify.annotations.NullMarked;
