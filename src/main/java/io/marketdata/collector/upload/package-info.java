/**
 * The bucket side: packs sealed parts, uploads part and manifest, and deletes the local copy when both are confirmed.
 * No error path deletes anything. Must not know which kind of store it uses.
 */
@NullMarked
package io.marketdata.collector.upload;

import org.jspecify.annotations.NullMarked;
