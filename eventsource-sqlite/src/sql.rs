//! The statements. Every value in them is a bound parameter; those that a read puts together are in `reader::plan`.

/// The constants, and for the test of their query plans a list of all of them, so that none is forgotten.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $sql;)*

        #[cfg(test)]
        pub(crate) const ALL: &[&str] = &[$($name),*];
    };
}

statements! {
    BEGIN_WRITE = "BEGIN IMMEDIATE";
    BEGIN_READ = "BEGIN";
    COMMIT = "COMMIT";
    ROLLBACK = "ROLLBACK";
    SAVEPOINT = "SAVEPOINT one_append";
    RELEASE = "RELEASE one_append";
    ROLLBACK_TO = "ROLLBACK TO one_append";
    /// Of a handler.
    BEGIN_STATEMENT = "SAVEPOINT one_statement";
    END_STATEMENT = "RELEASE one_statement";
    UNDO_STATEMENT = "ROLLBACK TO one_statement";
    /// Brings the log into the file, as far as nobody reads what was there before. One that waited for readers, or emptied
    /// the log, would hold up everybody who writes for as long as it waits or syncs. The last one to leave takes the log
    /// along anyway.
    CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)";
    /// Rises when another connection has changed the file.
    DATA_VERSION = "PRAGMA data_version";

    HEAD = "SELECT max(position) FROM events";
    LAST = "SELECT position, recorded_at FROM events \
         WHERE position = (SELECT max(position) FROM events)";
    LAST_VERSION = "SELECT max(version) FROM events WHERE stream = ?1";
    /// Also the version from which on it was kept, if it was trimmed.
    VERSIONS = "SELECT e.version, (SELECT before FROM trims WHERE stream = ?1) FROM events e \
         WHERE e.stream = ?1 ORDER BY e.version DESC LIMIT 1";
    TRIMMED_BEFORE = "SELECT before FROM trims WHERE stream = ?1";
    /// The end of the last gap that begins there or before.
    GAP = "SELECT last FROM gaps WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
    /// A stream of a category of which something was trimmed that perhaps lies beyond a position: what is left begins beyond
    /// a gap that reaches beyond it. It goes through the streams that were trimmed.
    TRIMMED_BEYOND = "SELECT s.name FROM trims t JOIN streams s ON s.id = t.stream \
         JOIN events e ON e.stream = t.stream AND e.version = t.before \
         WHERE s.category = (SELECT id FROM categories WHERE name = ?1) AND e.position > ?2 \
            AND (SELECT last FROM gaps WHERE first < e.position ORDER BY first DESC LIMIT 1) > ?2 LIMIT 1";
    POSITION_OF_VERSION =
        "SELECT position FROM events WHERE stream = ?1 AND version = ?2";
    RECORDED_AT =
        "SELECT recorded_at FROM events WHERE position >= ?1 ORDER BY position LIMIT 1";
    /// The positions between which everything lies that occurred within the bounds, and how many there are, if not more
    /// than the limit.
    OCCURRED_WITHIN = "SELECT min(position), max(position), count(*) FROM \
         (SELECT position FROM events WHERE occurred_at BETWEEN ?1 AND ?2 LIMIT ?3)";
    EVENT_OF_ID = "SELECT 1 FROM events WHERE id = ?1";

    KEY = "SELECT first_position, last_position FROM append_keys WHERE key = ?1";

    TRIMMED_KEY = "SELECT digest FROM trimmed_keys WHERE key = ?1";
    TRIMMED_RECEIPT = "SELECT stream, first_version, last_version, first_position, last_position \
         FROM trimmed_receipts WHERE key = ?1 ORDER BY part";
    /// The key that begins there or before.
    KEY_AT = "SELECT key, first_position, last_position \
         FROM append_keys INDEXED BY append_keys_by_position \
         WHERE first_position <= ?1 ORDER BY first_position DESC LIMIT 1";
    POSITIONS_BELOW = "SELECT position FROM events INDEXED BY events_by_stream \
         WHERE stream = ?1 AND version < ?2 ORDER BY version";
    KEEP_RECEIPT = "INSERT INTO trimmed_receipts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    KEEP_KEY = "INSERT INTO trimmed_keys (key, digest) VALUES (?1, ?2)";
    /// What it names may be deleted from then on.
    ALLOW_TRIM = "INSERT INTO trims (stream, before) VALUES (?1, ?2) \
         ON CONFLICT (stream) DO UPDATE SET before = excluded.before";
    TRIM = "DELETE FROM events INDEXED BY events_by_stream WHERE stream = ?1 AND version < ?2";

    STREAM = "SELECT id, category FROM streams \
         WHERE category = (SELECT id FROM categories WHERE name = ?1) AND name = ?2";
    STREAM_TEXT = "SELECT category, name FROM streams WHERE id = ?1";
    CATEGORY = "SELECT id FROM categories WHERE name = ?1";
    /// No category is ever deleted, so there are no more of them.
    LAST_CATEGORY = "SELECT max(id) FROM categories";
    CATEGORY_TEXT = "SELECT name FROM categories WHERE id = ?1";
    NAME = "SELECT id FROM names WHERE name = ?1";
    NAME_TEXT = "SELECT name FROM names WHERE id = ?1";
    CONTENT_TYPE = "SELECT id FROM content_types WHERE name = ?1";
    CONTENT_TYPE_TEXT = "SELECT name FROM content_types WHERE id = ?1";

    INSERT_EVENT = include_str!("sql/insert_event.sql");
    INSERT_TAG = "INSERT INTO tags (tag, position) VALUES (?1, ?2)";
    INSERT_KEY =
        "INSERT INTO append_keys (key, first_position, last_position) VALUES (?1, ?2, ?3)";
    INSERT_STREAM = "INSERT INTO streams (category, name) VALUES (?1, ?2)";
    INSERT_CATEGORY = "INSERT INTO categories (name) VALUES (?1)";
    INSERT_NAME = "INSERT INTO names (name) VALUES (?1)";
    INSERT_CONTENT_TYPE = "INSERT INTO content_types (name) VALUES (?1)";

    /// The snapshot of a fingerprint, else of another one, up to a version and a time.
    FIND_SNAPSHOT = "SELECT fingerprint, version, event, occurred_to, taken_at, compression, checksum, bytes \
         FROM snapshots WHERE id = coalesce(\
         (SELECT id FROM snapshots INDEXED BY snapshots_by_fingerprint \
         WHERE stream = ?1 AND fingerprint = ?2 AND version <= ?3 AND occurred_to <= ?4 \
         ORDER BY version DESC LIMIT 1), \
         (SELECT id FROM snapshots INDEXED BY snapshots_by_version \
         WHERE stream = ?1 AND version <= ?3 AND occurred_to <= ?4 \
         ORDER BY version DESC, id DESC LIMIT 1))";
    /// In place of the one of the same stream, fingerprint and version.
    SAVE_SNAPSHOT = "INSERT OR REPLACE INTO snapshots \
         (stream, fingerprint, version, event, occurred_to, taken_at, compression, checksum, bytes) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    /// All that are older than the last one of so many.
    THIN_SNAPSHOTS = "DELETE FROM snapshots WHERE stream = ?1 AND fingerprint = ?2 AND version < \
         (SELECT version FROM snapshots WHERE stream = ?1 AND fingerprint = ?2 \
         ORDER BY version DESC LIMIT 1 OFFSET ?3 - 1)";
    DELETE_SNAPSHOTS = "DELETE FROM snapshots WHERE stream = ?1 AND version BETWEEN ?2 AND ?3";
    DELETE_SNAPSHOTS_OF_FINGERPRINT =
        "DELETE FROM snapshots WHERE stream = ?1 AND version BETWEEN ?2 AND ?3 AND fingerprint = ?4";

    /// The holder is NULL after the lease was given back.
    LEASE = "SELECT token, holder, until FROM leases WHERE name = ?1";
    NEW_LEASE = "INSERT INTO leases (name, token, holder, until) VALUES (?1, ?2, ?3, ?4)";
    CHANGE_LEASE = "UPDATE leases SET token = ?2, holder = ?3, until = ?4 WHERE name = ?1";

    PROJECTION = "SELECT live, next_generation FROM projections WHERE name = ?1";
    NEW_PROJECTION = "INSERT INTO projections (name, next_generation) VALUES (?1, ?2)";
    NEXT_GENERATION = "UPDATE projections SET next_generation = ?2 WHERE name = ?1";
    MAKE_LIVE = "UPDATE projections SET live = ?2 WHERE name = ?1";
    IS_LIVE = "SELECT 1 FROM projections WHERE name = ?1 AND live = ?2";
    GENERATIONS = "SELECT generation, version, fingerprint, checkpoint, \
         (SELECT count(*) FROM parked_events p WHERE p.projection = ?1 AND p.generation = g.generation) \
         FROM projection_generations g WHERE projection = ?1 ORDER BY generation";
    CHECKPOINT_OF =
        "SELECT checkpoint FROM projection_generations WHERE projection = ?1 AND generation = ?2";
    NEW_GENERATION = "INSERT INTO projection_generations \
         (projection, generation, version, fingerprint, checkpoint) VALUES (?1, ?2, ?3, ?4, ?5)";
    MOVE_CHECKPOINT = "UPDATE projection_generations SET checkpoint = ?3 \
         WHERE projection = ?1 AND generation = ?2";
    DROP_GENERATION =
        "DELETE FROM projection_generations WHERE projection = ?1 AND generation = ?2";

    LIVE_CHECKPOINT = "SELECT g.checkpoint FROM projections p \
         JOIN projection_generations g ON g.projection = p.name AND g.generation = p.live \
         WHERE p.name = ?1";
    TABLES = "SELECT name FROM projection_tables WHERE projection = ?1 AND generation = ?2";
    NEW_TABLE = "INSERT INTO projection_tables (projection, generation, name) VALUES (?1, ?2, ?3)";
    /// Whose table has this name, other than this projection's.
    CLAIMED = "SELECT projection FROM projection_tables WHERE name = ?1 AND projection <> ?2 LIMIT 1";
    DROP_TABLES = "DELETE FROM projection_tables WHERE projection = ?1 AND generation = ?2";

    /// One that is parked already keeps its place.
    PARK = "INSERT INTO parked_events \
         (projection, generation, position, stream, version, error, attempts, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (projection, generation, position) \
         DO UPDATE SET error = excluded.error, attempts = excluded.attempts, at = excluded.at";
    UNPARK = "DELETE FROM parked_events WHERE projection = ?1 AND generation = ?2 AND position = ?3";
    DROP_PARKED = "DELETE FROM parked_events WHERE projection = ?1 AND generation = ?2";
    PARKED = "SELECT position, stream, version, error, attempts, at FROM parked_events \
         WHERE projection = ?1 AND generation = ?2 AND position > ?3 ORDER BY position LIMIT ?4";
    PARKED_OF_STREAM = "SELECT position, stream, version, error, attempts, at \
         FROM parked_events INDEXED BY parked_events_by_stream \
         WHERE projection = ?1 AND generation = ?2 AND stream = ?5 AND position > ?3 \
         ORDER BY position LIMIT ?4";
    PARKED_STREAMS = "SELECT DISTINCT stream FROM parked_events INDEXED BY parked_events_by_stream \
         WHERE projection = ?1 AND generation = ?2";
}
