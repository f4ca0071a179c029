//! The statements. Every value in them is a bound parameter; those that a read puts together are in `reader::plan`.

pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
pub(crate) const COMMIT: &str = "COMMIT";
pub(crate) const ROLLBACK: &str = "ROLLBACK";
pub(crate) const SAVEPOINT: &str = "SAVEPOINT one_append";
pub(crate) const RELEASE: &str = "RELEASE one_append";
pub(crate) const ROLLBACK_TO: &str = "ROLLBACK TO one_append";
/// Brings the whole log into the file and empties it.
pub(crate) const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
/// Rises when another connection has changed the file.
pub(crate) const DATA_VERSION: &str = "PRAGMA data_version";

pub(crate) const HEAD: &str = "SELECT max(position) FROM events";
pub(crate) const LAST: &str = "SELECT position, recorded_at FROM events \
     WHERE position = (SELECT max(position) FROM events)";
pub(crate) const LAST_VERSION: &str = "SELECT max(version) FROM events WHERE stream = ?1";
pub(crate) const POSITION_OF_VERSION: &str =
    "SELECT position FROM events WHERE stream = ?1 AND version = ?2";
pub(crate) const RECORDED_AT: &str =
    "SELECT recorded_at FROM events WHERE position >= ?1 ORDER BY position LIMIT 1";
/// The positions between which everything lies that occurred within the bounds, and how many there are, if not more
/// than the limit.
pub(crate) const OCCURRED_WITHIN: &str = "SELECT min(position), max(position), count(*) FROM \
     (SELECT position FROM events WHERE occurred_at BETWEEN ?1 AND ?2 LIMIT ?3)";
pub(crate) const EVENT_OF_ID: &str = "SELECT 1 FROM events WHERE id = ?1";

pub(crate) const KEY: &str = "SELECT first_position, last_position FROM append_keys WHERE key = ?1";
pub(crate) const PLACES: &str = "SELECT stream, version, position FROM events \
     WHERE position BETWEEN ?1 AND ?2 ORDER BY position";

pub(crate) const STREAM: &str = "SELECT id, category FROM streams \
     WHERE category = (SELECT id FROM categories WHERE name = ?1) AND name = ?2";
pub(crate) const STREAM_TEXT: &str = "SELECT category, name FROM streams WHERE id = ?1";
pub(crate) const CATEGORY: &str = "SELECT id FROM categories WHERE name = ?1";
pub(crate) const CATEGORY_TEXT: &str = "SELECT name FROM categories WHERE id = ?1";
pub(crate) const NAME: &str = "SELECT id FROM names WHERE name = ?1";
pub(crate) const NAME_TEXT: &str = "SELECT name FROM names WHERE id = ?1";
pub(crate) const CONTENT_TYPE: &str = "SELECT id FROM content_types WHERE name = ?1";
pub(crate) const CONTENT_TYPE_TEXT: &str = "SELECT name FROM content_types WHERE id = ?1";

pub(crate) const INSERT_EVENT: &str = include_str!("sql/insert_event.sql");
pub(crate) const INSERT_TAG: &str = "INSERT INTO tags (tag, position) VALUES (?1, ?2)";
pub(crate) const INSERT_KEY: &str =
    "INSERT INTO append_keys (key, first_position, last_position) VALUES (?1, ?2, ?3)";
pub(crate) const INSERT_STREAM: &str = "INSERT INTO streams (category, name) VALUES (?1, ?2)";
pub(crate) const INSERT_CATEGORY: &str = "INSERT INTO categories (name) VALUES (?1)";
pub(crate) const INSERT_NAME: &str = "INSERT INTO names (name) VALUES (?1)";
pub(crate) const INSERT_CONTENT_TYPE: &str = "INSERT INTO content_types (name) VALUES (?1)";

/// Those that look at tables, for the test of their query plans.
#[cfg(test)]
pub(crate) const LOOKUPS: &[&str] = &[
    HEAD,
    LAST,
    LAST_VERSION,
    POSITION_OF_VERSION,
    RECORDED_AT,
    OCCURRED_WITHIN,
    EVENT_OF_ID,
    KEY,
    PLACES,
    STREAM,
    STREAM_TEXT,
    CATEGORY,
    CATEGORY_TEXT,
    NAME,
    NAME_TEXT,
    CONTENT_TYPE,
    CONTENT_TYPE_TEXT,
    INSERT_EVENT,
    INSERT_TAG,
    INSERT_KEY,
    INSERT_STREAM,
    INSERT_CATEGORY,
    INSERT_NAME,
    INSERT_CONTENT_TYPE,
];
