@NullMarked
package dev.sfu.admin;

import org.jspecify.annotations.NullMarked;
