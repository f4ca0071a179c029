//! Reading a whole log of ours without the framework: one statement, one row after the other on the caller's thread. Of
//! each row a value is made that owns what it has. Texts that repeat are looked up once and shared, as we do it.

use std::{collections::HashMap, error::Error, hint::black_box, path::Path, sync::Arc};

use rusqlite::{Connection, Row, config::DbConfig};

use crate::log::{CATEGORIES, NAME, What};

/// How the connection reads its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As SQLite does by itself.
    Plain,
    /// Through 2 GiB of mapped memory and a cache of 64 MiB.
    Mapped,
}

/// What is made of a row.
pub trait Made: Sized {
    /// The columns that it is made of.
    const COLUMNS: &'static str;

    /// Makes it.
    ///
    /// # Errors
    ///
    /// When a column is not of its type.
    fn make(row: &Row<'_>, texts: &mut Texts<'_>) -> rusqlite::Result<Self>;

    /// The bytes of its payload.
    fn payload(&self) -> &[u8];
}

/// Six columns: what a projection can do with the least.
#[derive(Debug)]
pub struct Six {
    /// Its place in the log.
    pub position: i64,
    /// Its stream.
    pub stream: Arc<str>,
    /// Its place there.
    pub version: i64,
    /// Its name.
    pub name: Arc<str>,
    /// Its payload.
    pub payload: Vec<u8>,
    /// When it was recorded.
    pub recorded_at: i64,
}

impl Made for Six {
    const COLUMNS: &'static str =
        "e.position, e.stream, e.version, e.name, e.payload, e.recorded_at";

    fn make(row: &Row<'_>, texts: &mut Texts<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            position: row.get(0)?,
            stream: texts.stream(row.get(1)?)?,
            version: row.get(2)?,
            name: texts.name(row.get(3)?)?,
            payload: row.get(4)?,
            recorded_at: row.get(5)?,
        })
    }

    fn payload(&self) -> &[u8] {
        &self.payload
    }
}

/// The whole envelope: each column that we read.
#[derive(Debug)]
pub struct Whole {
    /// The six.
    pub six: Six,
    /// Its own id.
    pub id: [u8; 16],
    /// The version of its schema.
    pub schema_version: u32,
    /// What the bytes are, where it is not JSON.
    pub content_type: Option<i64>,
    /// When it happened.
    pub occurred_at: i64,
    /// The conversation that it belongs to.
    pub correlation: Option<[u8; 16]>,
    /// What has caused it.
    pub causation: Option<[u8; 16]>,
    /// Who has.
    pub actor: Option<String>,
    /// Its facts, as JSON.
    pub metadata: Option<String>,
    /// Its tags, as JSON.
    pub tags: Option<String>,
}

impl Made for Whole {
    const COLUMNS: &'static str = "e.position, e.stream, e.version, e.name, e.payload, e.recorded_at, e.id, \
         e.schema_version, e.content_type, e.occurred_at, e.correlation, e.causation, e.actor, e.metadata, e.tags";

    fn make(row: &Row<'_>, texts: &mut Texts<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            six: Six::make(row, texts)?,
            id: row.get(6)?,
            schema_version: row.get(7)?,
            content_type: row.get(8)?,
            occurred_at: row.get(9)?,
            correlation: row.get(10)?,
            causation: row.get(11)?,
            actor: row.get(12)?,
            metadata: row.get(13)?,
            tags: row.get(14)?,
        })
    }

    fn payload(&self) -> &[u8] {
        &self.six.payload
    }
}

/// The texts behind the numbers.
#[derive(Debug)]
pub struct Texts<'a> {
    connection: &'a Connection,
    streams: HashMap<i64, Arc<str>>,
    names: HashMap<i64, Arc<str>>,
}

impl Texts<'_> {
    fn stream(&mut self, number: i64) -> rusqlite::Result<Arc<str>> {
        if let Some(text) = self.streams.get(&number) {
            return Ok(Arc::clone(text));
        }
        let sql = "SELECT c.name || '-' || s.name FROM streams s JOIN categories c ON c.id = s.category WHERE s.id = ?1";
        let text = text(self.connection, sql, number)?;
        self.streams.insert(number, Arc::clone(&text));
        Ok(text)
    }

    fn name(&mut self, number: i64) -> rusqlite::Result<Arc<str>> {
        if let Some(text) = self.names.get(&number) {
            return Ok(Arc::clone(text));
        }
        let text = text(
            self.connection,
            "SELECT name FROM names WHERE id = ?1",
            number,
        )?;
        self.names.insert(number, Arc::clone(&text));
        Ok(text)
    }
}

fn text(connection: &Connection, sql: &str, number: i64) -> rusqlite::Result<Arc<str>> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row([number], |row| row.get(0))
}

/// Reads in one scan. The number of the events, and of the bytes of their payloads.
///
/// # Errors
///
/// When the file is none of ours.
pub fn scan<M: Made>(
    path: &Path,
    access: Access,
    what: What,
) -> Result<(u64, u64), Box<dyn Error>> {
    let (mut count, mut bytes) = (0, 0);
    each(path, access, what, |made: M| {
        let made = black_box(made);
        count += 1;
        bytes += made.payload().len() as u64;
        Ok(())
    })?;
    Ok((count, bytes))
}

/// Gives what is made of each row.
///
/// # Errors
///
/// When the file is none of ours, or the one who is given it fails.
pub fn each<M: Made>(
    path: &Path,
    access: Access,
    what: What,
    mut take: impl FnMut(M) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let connection = Connection::open(path)?;
    // Without it each look for a text would prepare its statement anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if access == Access::Mapped {
        connection.execute_batch("PRAGMA mmap_size = 2147483648; PRAGMA cache_size = -65536")?;
    }
    let category = format!(
        "WHERE e.category = (SELECT id FROM categories WHERE name = '{}')",
        CATEGORIES[0]
    );
    let bounds = match what {
        What::All => String::new(),
        What::Category => category,
        What::Named => {
            format!("{category} AND e.name = (SELECT id FROM names WHERE name = '{NAME}')")
        }
    };
    let sql = format!(
        "SELECT {} FROM events e {bounds} ORDER BY e.position",
        M::COLUMNS
    );
    let mut texts = Texts {
        connection: &connection,
        streams: HashMap::new(),
        names: HashMap::new(),
    };
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(M::make(row, &mut texts)?)?;
    }
    Ok(())
}
