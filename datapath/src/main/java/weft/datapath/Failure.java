package weft.datapath;

import weft.vrouter.TableKey;

/**
 * An entry that could not be written or removed; the table keeps what it had.
 *
 * @param reason one line for people
 */
public record Failure(TableKey key, String reason) {}
