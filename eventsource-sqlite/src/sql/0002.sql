-- Version 2 of the schema. Once released, this file never changes: a change is a file of its own.
--
-- Snapshots are a shortcut to what the events say, and never the truth. They are replaced and deleted, so no trigger
-- keeps them; and their streams are texts, not numbers in `streams`, since a stream that is there has events.

CREATE TABLE snapshots (
    -- The one that was saved last has the highest number.
    id          INTEGER PRIMARY KEY,
    -- `category-id`.
    stream      TEXT NOT NULL,
    -- 64 bits without a sign, as a number with one.
    fingerprint INTEGER NOT NULL,
    version     INTEGER NOT NULL CHECK (version > 0),
    event       BLOB NOT NULL CHECK (length(event) = 16),
    -- Microseconds since 1970, UTC.
    occurred_to INTEGER NOT NULL,
    taken_at    INTEGER NOT NULL,
    compression TEXT,
    -- 64 bits without a sign, as a number with one.
    checksum    INTEGER NOT NULL,
    -- The last column: what stands before it is read without it.
    bytes       BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX snapshots_by_fingerprint ON snapshots (stream, fingerprint, version);
CREATE INDEX snapshots_by_version ON snapshots (stream, version);
