//! Opening the file: what it is, whether it is ours, and bringing it to the present schema.

use std::{
    fmt::Write as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, MAIN_DB, OpenFlags, config::DbConfig};

use crate::{
    config::{SqliteOptions, Synchronous},
    error::OpenError,
    guard::Guarded,
    migrations::{SCHEMA_VERSION, migrate},
};

/// Marks the file as ours, in its header: `EvSt`.
pub(crate) const APPLICATION_ID: i32 = 0x4576_5374;

/// The pause before another attempt where SQLite does not wait by itself.
const RETRY: Duration = Duration::from_millis(5);

/// The smallest page that SQLite has. It takes a file of one byte for an empty one, which it is not.
const SMALLEST: u64 = 512;

/// How many prepared statements a connection keeps. Those of read models are among them.
const STATEMENTS: usize = 256;

/// The greatest size of the writer's cache, in KiB, with the sign by which SQLite knows the unit. Each event goes into eight
/// indexes; SQLite's own 2 MiB do not hold their last pages.
pub(crate) const CACHE: i64 = -65_536;

/// The same while read models are built, switched and dropped: what is written of them once is not read again, and would
/// fill the cache whatever its size. Tables of many rows then take no more memory than those of some.
pub(crate) const CACHE_OF_BUILDS: i64 = -4_096;

/// How many pages the log has when it is brought into the file: 16 MiB. A page that many transactions have written is
/// copied once. SQLite's own bound is a quarter of it, which a few large groups reach.
const LOG: i64 = 4_096;

/// What the header of a file says.
pub(crate) struct Identity {
    pub(crate) application_id: i32,
    pub(crate) user_version: i64,
    is_empty: bool,
}

/// The connection that writes. The file is looked at first, read only, and changed only if it is ours or new.
pub(crate) fn open_writer(options: &SqliteOptions) -> Result<Guarded, OpenError> {
    let path = options.path.as_path();
    check_place(path)?;
    look(path)?;
    let sql = |error| OpenError::from_sql(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut writer = Connection::open_with_flags(path, flags).map_err(sql)?;
    if writer.is_readonly(MAIN_DB).map_err(sql)? {
        let source = "the operating system opens it for reading only".into();
        let path = path.to_owned();
        return Err(OpenError::NotWritable { path, source });
    }
    writer.busy_timeout(options.busy_timeout).map_err(sql)?;
    writer
        .pragma_update(None, "synchronous", options.synchronous.pragma())
        .map_err(sql)?;
    // On macOS an ordinary `fsync` stops at the cache of the disk; elsewhere these two do nothing. What goes from the
    // log into the file must arrive in order whatever an acknowledgement means.
    let reaches_disk = options.synchronous == Synchronous::Full;
    for (pragma, value) in [("fullfsync", reaches_disk), ("checkpoint_fullfsync", true)] {
        writer.pragma_update(None, pragma, value).map_err(sql)?;
    }
    writer
        .pragma_update(None, "foreign_keys", true)
        .map_err(sql)?;
    // The copies that savepoints need are small and short-lived.
    writer
        .pragma_update(None, "temp_store", "MEMORY")
        .map_err(sql)?;
    for (pragma, value) in [("cache_size", CACHE), ("wal_autocheckpoint", LOG)] {
        writer.pragma_update(None, pragma, value).map_err(sql)?;
    }
    if let Some(pages) = options.max_pages {
        writer
            .pragma_update(None, "max_page_count", pages)
            .map_err(sql)?;
    }
    keep_plans(&writer).map_err(sql)?;
    scramble(&writer, options).map_err(sql)?;
    migrate(&mut writer, path)?;
    use_write_ahead_log(&writer, options)?;
    writer.set_prepared_statement_cache_capacity(STATEMENTS);
    Guarded::new(writer).map_err(sql)
}

/// A connection that cannot write.
pub(crate) fn open_reader(options: &SqliteOptions) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(&options.path, flags)?;
    reader.busy_timeout(options.busy_timeout)?;
    reader.set_prepared_statement_cache_capacity(STATEMENTS);
    keep_plans(&reader)?;
    scramble(&reader, options)?;
    Ok(reader)
}

/// Whether the file is a store of the present schema, so that it can be read although nobody has opened it for writing.
pub(crate) fn check_readable(options: &SqliteOptions) -> Result<(), OpenError> {
    let path = options.path.as_path();
    check_place(path)?;
    if !path.exists() {
        let path = path.to_owned();
        return Err(OpenError::FileMissing { path });
    }
    look(path)?;
    let sql = |error| OpenError::from_sql(path, error);
    let reader = open_reader(options).map_err(sql)?;
    let identity = identity(&reader).map_err(sql)?;
    is_ours(&identity, path)?;
    if identity.user_version < SCHEMA_VERSION {
        return Err(OpenError::OlderSchema {
            path: path.to_owned(),
            found: identity.user_version,
            needed: SCHEMA_VERSION,
        });
    }
    Ok(())
}

/// No plan depends on a value. Otherwise SQLite prepares a statement anew whenever another limit is bound, which costs more
/// than reading a short stream.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// For tests: what is selected in no order comes in another order than usual.
#[cfg(feature = "fault")]
fn scramble(connection: &Connection, options: &SqliteOptions) -> rusqlite::Result<()> {
    let scrambled = options
        .faults
        .as_ref()
        .is_some_and(|faults| faults.scrambles_rows());
    connection.pragma_update(None, "reverse_unordered_selects", scrambled)
}

#[cfg(not(feature = "fault"))]
#[expect(clippy::unnecessary_wraps, reason = "its twin can fail")]
fn scramble(_: &Connection, _: &SqliteOptions) -> rusqlite::Result<()> {
    Ok(())
}

/// Nothing here opens the file: closing it again would take away the locks that other connections of this process hold
/// on it.
fn check_place(path: &Path) -> Result<(), OpenError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let path = path.to_owned();
        return Err(OpenError::FolderMissing { path });
    }
    if path.is_dir() {
        let path = path.to_owned();
        return Err(OpenError::NotADatabase { path });
    }
    Ok(())
}

/// Refuses a file that is not ours, without changing anything in it or beside it.
///
/// It is read as if nobody could change it, so that there is no lock, no recovery and no log. What that misses is asked
/// again before anything is written. A file of ours has its mark in the header from its first commit on.
fn look(path: &Path) -> Result<(), OpenError> {
    let length = match std::fs::metadata(path) {
        Ok(file) if file.len() > 0 => file.len(),
        // A new file; what else may be wrong with it, SQLite says better.
        _ => return Ok(()),
    };
    if length < SMALLEST {
        let path = path.to_owned();
        return Err(OpenError::NotADatabase { path });
    }
    let Some(uri) = immutable(path) else {
        return Ok(());
    };
    match identity_at(&uri) {
        Ok(identity) => is_ours(&identity, path),
        Err(error) => match OpenError::from_sql(path, error) {
            error @ OpenError::NotADatabase { .. } => Err(error),
            // Without locks this may come of another process that is writing just now.
            _ => Ok(()),
        },
    }
}

fn identity_at(uri: &str) -> rusqlite::Result<Identity> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    identity(&Connection::open_with_flags(uri, flags)?)
}

/// The address under which SQLite takes no locks; `None` where the path cannot be written as one.
fn immutable(path: &Path) -> Option<String> {
    let mut uri = "file:".to_owned();
    for byte in path.to_str()?.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-') {
            uri.push(char::from(byte));
        } else if cfg!(windows) {
            return None;
        } else {
            write!(uri, "%{byte:02x}").ok()?;
        }
    }
    uri.push_str("?immutable=1");
    Some(uri)
}

pub(crate) fn identity(connection: &Connection) -> rusqlite::Result<Identity> {
    let application_id = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let no_table = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    Ok(Identity {
        application_id,
        user_version: connection.pragma_query_value(None, "user_version", |row| row.get(0))?,
        // Only the header of a file of ours is looked at.
        is_empty: application_id != APPLICATION_ID
            && connection.query_row(no_table, [], |row| row.get(0))?,
    })
}

pub(crate) fn is_ours(identity: &Identity, path: &Path) -> Result<(), OpenError> {
    let path = path.to_owned();
    let is_new = identity.application_id == 0 && identity.user_version == 0 && identity.is_empty;
    if identity.application_id != APPLICATION_ID && !is_new {
        let application_id = identity.application_id;
        return Err(OpenError::ForeignDatabase {
            path,
            application_id,
        });
    }
    is_known(identity.user_version, SCHEMA_VERSION, &path)
}

fn is_known(found: i64, supported: i64, path: &Path) -> Result<(), OpenError> {
    if found > supported {
        return Err(OpenError::NewerSchema {
            path: path.to_owned(),
            found,
            supported,
        });
    }
    Ok(())
}

/// SQLite does not wait for others by itself when the journal mode changes.
fn use_write_ahead_log(writer: &Connection, options: &SqliteOptions) -> Result<(), OpenError> {
    let path = options.path.as_path();
    let began = Instant::now();
    loop {
        let mode: rusqlite::Result<String> =
            writer.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
        match mode {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(mode) => {
                let path = path.to_owned();
                return Err(OpenError::NoWriteAheadLog { path, mode });
            }
            Err(error) => match OpenError::from_sql(path, error) {
                OpenError::Busy { .. } if began.elapsed() < options.busy_timeout => {
                    thread::sleep(RETRY);
                }
                other => return Err(other),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn the_check_of_each_version_refuses_a_file_of_a_later_one() {
        for supported in 1..=SCHEMA_VERSION {
            for found in 0..=SCHEMA_VERSION + 1 {
                let known = is_known(found, supported, Path::new("events.db"));
                assert_eq!(known.is_ok(), found <= supported, "{found} by {supported}");
            }
        }
    }

    #[test]
    fn the_writer_syncs_as_the_options_say_and_fully_by_default() {
        let folder = tempfile::tempdir().expect("a folder");
        let default = SqliteOptions::new(folder.path().join("events.db"));
        let normal = default.clone().with_synchronous(Synchronous::Normal);
        let full = default.clone().with_synchronous(Synchronous::Full);
        // SQLite's numbers: 1 is NORMAL, 2 is FULL.
        for (options, expected) in [(default, [2, 1, 1]), (full, [2, 1, 1]), (normal, [1, 0, 1])] {
            let writer = open_writer(&options).expect("a writer");
            let found = ["synchronous", "fullfsync", "checkpoint_fullfsync"].map(|pragma| {
                writer
                    .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
                    .expect("a number")
            });
            assert_eq!(found, expected, "{options:?}");
        }
    }

    #[test]
    fn a_statement_is_not_prepared_anew_for_another_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = SqliteOptions::new(folder.path().join("events.db"));
        let writer = open_writer(&options).expect("a writer");
        let guarded = |connection| Guarded::new(connection).expect("a guard");
        let reader = guarded(open_reader(&options).expect("a reader"));
        let raw = guarded(Connection::open(&options.path).expect("a connection"));
        // What SQLite does by itself shows that the count can tell.
        for (connection, anew) in [(writer, false), (reader, false), (raw, true)] {
            let select = "SELECT position FROM events ORDER BY position LIMIT ?1";
            let mut statement = connection.prepare(select).expect("a statement");
            for limit in [1, 2] {
                let mut rows = statement.query([limit]).expect("rows");
                assert!(rows.next().expect("an end").is_none());
            }
            let counted = statement.get_status(StatementStatus::RePrepare);
            assert_eq!(counted > 0, anew);
        }
    }
}
