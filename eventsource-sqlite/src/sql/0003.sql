-- Version 3 of the schema. Once released, this file never changes: a change is a file of its own.

-- The index by which what a command or an event has caused is found. It ends with the position, as the others do.
CREATE INDEX events_by_causation ON events (causation) WHERE causation IS NOT NULL;

-- Trimming. The events of a stream below a version may be deleted once a row says so, and what must be known of them for
-- ever is kept: where they stood, and what the keys answer with under which they were appended. The triggers keep it so
-- also for other programs, as those of version 1 do. No foreign keys: each new stream and key would search these tables.

CREATE TABLE trims (
    stream INTEGER PRIMARY KEY,
    -- The version of the first event that is left.
    before INTEGER NOT NULL
) STRICT;

-- The positions whose events were trimmed, as few rows as there can be: by them a missing event is told from a trimmed one.
CREATE TABLE gaps (
    first INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL,
    CHECK (first > 0 AND first <= last)
) STRICT;

-- Keys of which an event was trimmed, each with the digest of what was appended.
CREATE TABLE trimmed_keys (
    key    TEXT NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL CHECK (length(digest) = 16)
) STRICT, WITHOUT ROWID;

-- Their receipts: one row for each part, in order.
CREATE TABLE trimmed_receipts (
    key            TEXT NOT NULL,
    part           INTEGER NOT NULL,
    stream         INTEGER NOT NULL,
    first_version  INTEGER NOT NULL,
    last_version   INTEGER NOT NULL,
    first_position INTEGER NOT NULL,
    last_position  INTEGER NOT NULL,
    PRIMARY KEY (key, part)
) STRICT, WITHOUT ROWID;

-- The key under which an event was appended is found by its position: the ranges of two keys never overlap.
CREATE UNIQUE INDEX append_keys_by_position ON append_keys (first_position);
CREATE TRIGGER append_keys_do_not_overlap BEFORE INSERT ON append_keys
WHEN NEW.first_position <= coalesce(
    (SELECT last_position FROM append_keys ORDER BY first_position DESC LIMIT 1), 0)
BEGIN SELECT RAISE(ABORT, 'an append key is stored with its events'); END;

CREATE TRIGGER trims_go_forward BEFORE INSERT ON trims
WHEN NEW.before <= coalesce((SELECT before FROM trims WHERE stream = NEW.stream), 1)
    OR NEW.before > coalesce((SELECT max(version) FROM events WHERE stream = NEW.stream), 0)
BEGIN SELECT RAISE(ABORT, 'a trim goes on from the last one and leaves the last event'); END;
CREATE TRIGGER trims_are_not_taken_back BEFORE UPDATE ON trims
WHEN NEW.stream IS NOT OLD.stream
    OR NEW.before < OLD.before
    OR NEW.before > coalesce((SELECT max(version) FROM events WHERE stream = NEW.stream), 0)
BEGIN SELECT RAISE(ABORT, 'a trim goes on from the last one and leaves the last event'); END;
CREATE TRIGGER trims_are_not_deleted BEFORE DELETE ON trims
BEGIN SELECT RAISE(ABORT, 'what was trimmed stays known'); END;

DROP TRIGGER events_are_not_deleted;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
WHEN OLD.version >= coalesce((SELECT before FROM trims WHERE stream = OLD.stream), 1)
    -- The key whose range the event is in, if any: what it answers with is kept first.
    OR EXISTS (
        SELECT 1 FROM append_keys k
        WHERE k.first_position = (SELECT max(first_position) FROM append_keys WHERE first_position <= OLD.position)
            AND k.last_position >= OLD.position
            AND NOT EXISTS (SELECT 1 FROM trimmed_keys t WHERE t.key = k.key)
    )
BEGIN SELECT RAISE(ABORT, 'stored events are never deleted'); END;

-- What belongs to an event goes with it, and its place becomes a gap, or a part of those beside it.
CREATE TRIGGER events_leave_a_gap AFTER DELETE ON events
BEGIN
    DELETE FROM tags WHERE position = OLD.position AND tag IN (SELECT value FROM json_each(OLD.tags));
    UPDATE gaps SET last = OLD.position
        WHERE first = (SELECT max(first) FROM gaps WHERE first < OLD.position) AND last = OLD.position - 1;
    INSERT INTO gaps (first, last)
        SELECT OLD.position, OLD.position
        WHERE OLD.position > coalesce(
            (SELECT last FROM gaps WHERE first <= OLD.position ORDER BY first DESC LIMIT 1), 0);
    UPDATE gaps SET last = (SELECT last FROM gaps WHERE first = OLD.position + 1)
        WHERE first = (SELECT max(first) FROM gaps WHERE first <= OLD.position)
            AND EXISTS (SELECT 1 FROM gaps WHERE first = OLD.position + 1);
    DELETE FROM gaps WHERE first = OLD.position + 1;
END;

DROP TRIGGER tags_are_not_deleted;
CREATE TRIGGER tags_are_not_deleted BEFORE DELETE ON tags
WHEN EXISTS (SELECT 1 FROM events WHERE position = OLD.position)
BEGIN SELECT RAISE(ABORT, 'stored tags are never deleted'); END;

CREATE TRIGGER gaps_are_where_events_were BEFORE INSERT ON gaps
WHEN EXISTS (SELECT 1 FROM events WHERE position BETWEEN NEW.first AND NEW.last)
    OR NEW.last >= coalesce((SELECT max(position) FROM events), 0)
    OR NEW.first <= coalesce((SELECT last FROM gaps WHERE first <= NEW.first ORDER BY first DESC LIMIT 1), 0)
BEGIN SELECT RAISE(ABORT, 'a gap is where events were trimmed'); END;
CREATE TRIGGER gaps_only_grow BEFORE UPDATE ON gaps
WHEN NEW.first IS NOT OLD.first
    OR NEW.last < OLD.last
    OR NEW.last >= coalesce((SELECT max(position) FROM events), 0)
    OR EXISTS (SELECT 1 FROM events WHERE position BETWEEN NEW.first AND NEW.last)
BEGIN SELECT RAISE(ABORT, 'a gap is where events were trimmed'); END;
-- One that has become a part of another one may go.
CREATE TRIGGER gaps_are_not_deleted BEFORE DELETE ON gaps
WHEN OLD.last > coalesce((SELECT last FROM gaps WHERE first < OLD.first ORDER BY first DESC LIMIT 1), 0)
BEGIN SELECT RAISE(ABORT, 'what was trimmed stays known'); END;

CREATE TRIGGER trimmed_keys_are_not_replaced BEFORE INSERT ON trimmed_keys
WHEN EXISTS (SELECT 1 FROM trimmed_keys WHERE key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'append keys are never changed'); END;
CREATE TRIGGER trimmed_keys_have_their_receipts BEFORE INSERT ON trimmed_keys
WHEN NOT EXISTS (
    SELECT 1 FROM append_keys k
    WHERE k.key = NEW.key
        AND k.last_position = (SELECT last_position FROM trimmed_receipts WHERE key = NEW.key ORDER BY part DESC LIMIT 1)
)
BEGIN SELECT RAISE(ABORT, 'a trimmed key is stored after its receipt'); END;
CREATE TRIGGER trimmed_keys_are_not_updated BEFORE UPDATE ON trimmed_keys
BEGIN SELECT RAISE(ABORT, 'append keys are never changed'); END;
CREATE TRIGGER trimmed_keys_are_not_deleted BEFORE DELETE ON trimmed_keys
BEGIN SELECT RAISE(ABORT, 'append keys are never deleted'); END;
-- A receipt is written before its key is marked, and is whole from then on.
CREATE TRIGGER trimmed_receipts_are_not_added_to BEFORE INSERT ON trimmed_receipts
WHEN EXISTS (SELECT 1 FROM trimmed_keys WHERE key = NEW.key)
    OR EXISTS (SELECT 1 FROM trimmed_receipts WHERE key = NEW.key AND part = NEW.part)
BEGIN SELECT RAISE(ABORT, 'append keys are never changed'); END;
-- Its parts follow one another from the first event of the key on, while the events are there.
CREATE TRIGGER trimmed_receipts_are_those_of_their_events BEFORE INSERT ON trimmed_receipts
WHEN NEW.last_version - NEW.first_version IS NOT NEW.last_position - NEW.first_position
    OR NEW.part IS NOT coalesce(
        (SELECT part + 1 FROM trimmed_receipts WHERE key = NEW.key ORDER BY part DESC LIMIT 1), 0)
    OR NEW.first_position IS NOT coalesce(
        (SELECT last_position + 1 FROM trimmed_receipts WHERE key = NEW.key ORDER BY part DESC LIMIT 1),
        (SELECT first_position FROM append_keys WHERE key = NEW.key))
    OR NOT EXISTS (SELECT 1 FROM append_keys WHERE key = NEW.key AND last_position >= NEW.last_position)
    OR NOT EXISTS (
        SELECT 1 FROM events
        WHERE position = NEW.first_position AND stream = NEW.stream AND version = NEW.first_version)
    OR NOT EXISTS (
        SELECT 1 FROM events
        WHERE position = NEW.last_position AND stream = NEW.stream AND version = NEW.last_version)
BEGIN SELECT RAISE(ABORT, 'a receipt is that of the events of its key'); END;
CREATE TRIGGER trimmed_receipts_are_not_updated BEFORE UPDATE ON trimmed_receipts
BEGIN SELECT RAISE(ABORT, 'append keys are never changed'); END;
CREATE TRIGGER trimmed_receipts_are_not_deleted BEFORE DELETE ON trimmed_receipts
BEGIN SELECT RAISE(ABORT, 'append keys are never deleted'); END;
