/** The command line: options, text and exit codes over what the packages below do. */
@NullMarked
package io.marketdata.query.command;

import org.jspecify.annotations.NullMarked;
