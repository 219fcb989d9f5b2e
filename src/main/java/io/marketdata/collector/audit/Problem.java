package io.marketdata.collector.audit;

/**
 * Something in the bucket that is not as it was written.
 *
 * @param key the object
 * @param detail what is wrong with it
 * @param ids the trades whose place in the bucket is in doubt because of it, as far as they are known
 */
public record Problem(Kind kind, String key, String detail, IdRanges ids) {

    /** What is wrong; in reports in lower case. */
    public enum Kind {
        /** The part is not committed: readers may not trust it. */
        PART_WITHOUT_MANIFEST,
        MANIFEST_WITHOUT_PART,
        /** The manifest is not one that this program can read. */
        MANIFEST_UNREADABLE,
        /** The manifest names another part, symbol or instance than its place in the bucket. */
        MANIFEST_OF_ANOTHER_PART,
        /** The folder is not that of the minute in the name. */
        WRONG_FOLDER,
        /** The manifest's numbers cannot all be true. */
        IMPOSSIBLE_NUMBERS,
        SIZE_DIFFERS,
        DIGEST_DIFFERS,
        /** The part's lines are not what the manifest says. */
        CONTENT_DIFFERS,
        /** The part that this one names as the one before is not in the bucket. */
        PREVIOUS_MISSING,
        /** The part that this one names as the one before is there with another digest. */
        PREVIOUS_DIFFERS,
        /** An index names the part and its manifest, and the bucket has neither. */
        INDEXED_MISSING,
        /** An index holds another manifest under this key. */
        INDEX_DIFFERS,
        /** The exchange's own archive holds something else. */
        ARCHIVE_DIFFERS
    }
}
