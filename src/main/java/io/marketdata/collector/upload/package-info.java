/**
 * The bucket side: packs sealed parts, puts part and manifest, and deletes the local copy when both are confirmed.
 * Promises that no error path deletes anything. Must not know which kind of store it talks to.
 */
@NullMarked
package io.marketdata.collector.upload;

import org.jspecify.annotations.NullMarked;
