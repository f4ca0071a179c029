//! The commands of the standard workload on SQLite, without a framework: a thread that writes with group commit, and
//! connections that read on the caller's thread. The file is one of ours, so that tables, indexes and triggers are the
//! same, and each column that we fill is filled.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Mutex, mpsc},
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    bank::Stored,
    bare::{Account, AccountEvent},
    bare_memory::{decide, seeds},
    commands::{Bank, Order},
};

/// How many appends share a transaction at the most.
const GROUP: usize = 256;

/// How many connections read.
const READERS: usize = 4;

const INSERT: &str = "INSERT INTO events (position, stream, category, version, id, name, schema_version, content_type, \
     payload, occurred_at, recorded_at, correlation, causation, actor, metadata, tags) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, NULL, ?7, ?8, ?8, ?9, ?9, NULL, NULL, NULL)";

const READ: &str = "SELECT n.name, e.schema_version, e.payload FROM events e JOIN names n ON n.id = e.name \
     WHERE e.stream = (SELECT id FROM streams WHERE category = 1 AND name = ?1) ORDER BY e.version";

/// Where events go, whether they went there is answered.
struct Job {
    id: String,
    expected: i64,
    events: Vec<(&'static str, Vec<u8>)>,
    stored: oneshot::Sender<bool>,
}

/// A state, and the version that it is of.
type Cached = HashMap<String, (i64, Account)>;

/// Accounts in a file.
#[derive(Debug)]
pub struct Accounts {
    writer: mpsc::Sender<Job>,
    readers: Mutex<Vec<Connection>>,
    cache: Option<Mutex<Cached>>,
}

impl Accounts {
    /// Accounts in a file that has the schema and no event yet. The thread ends when this is dropped.
    ///
    /// # Panics
    ///
    /// When the file is none of ours.
    pub fn open(path: &Path, cached: bool) -> Self {
        let (writer, jobs) = mpsc::channel();
        let mut thread = Writer {
            streams: HashMap::new(),
            names: HashMap::new(),
            position: 0,
            ids: 0,
        };
        let mut connection = connect(path);
        connection
            .execute("INSERT INTO categories (name) VALUES ('account')", [])
            .expect("an empty file with our schema");
        std::thread::spawn(move || thread.run(&mut connection, &jobs));
        let readers = (0..READERS).map(|_| connect(path)).collect();
        Self {
            writer,
            readers: Mutex::new(readers),
            cache: cached.then(Mutex::default),
        }
    }

    fn load(&self, id: &str) -> (i64, Account) {
        if let Some(cache) = &self.cache
            && let Some(known) = cache.lock().expect("no one panics").get(id)
        {
            return known.clone();
        }
        self.stored(id)
    }

    fn stored(&self, id: &str) -> (i64, Account) {
        let reader = self.readers.lock().expect("no one panics").pop();
        let reader = reader.expect("no more threads than readers");
        let (mut version, mut account) = (0, Account::default());
        {
            let mut statement = reader.prepare_cached(READ).expect("our schema");
            let mut rows = statement.query([id]).expect("our schema");
            while let Some(row) = rows.next().expect("a whole file") {
                let stored = Stored {
                    name: row.get(0).expect("a text"),
                    version: row.get(1).expect("a number"),
                    payload: row.get(2).expect("bytes"),
                };
                account.replay(&stored).expect("it was written so");
                version += 1;
            }
        }
        self.readers.lock().expect("no one panics").push(reader);
        (version, account)
    }

    async fn append(&self, id: &str, expected: i64, events: &[AccountEvent]) -> bool {
        let (stored, is_stored) = oneshot::channel();
        let job = Job {
            id: id.to_owned(),
            expected,
            events: events.iter().map(AccountEvent::to_json).collect(),
            stored,
        };
        self.writer.send(job).expect("the thread lives");
        is_stored.await.expect("the thread lives")
    }
}

impl Bank for Accounts {
    type Id = String;

    fn id(&self, number: u64) -> String {
        number.to_string()
    }

    async fn seed(&self, id: &String, events: u64) {
        let events: Vec<_> = seeds(events).collect();
        assert!(self.append(id, 0, &events).await, "nobody else writes");
    }

    async fn execute(&self, id: &String, order: Order) {
        loop {
            let (version, mut account) = self.load(id);
            let event = decide(&account, &order);
            let is_stored = self.append(id, version, std::slice::from_ref(&event)).await;
            if let Some(cache) = &self.cache {
                let mut cache = cache.lock().expect("no one panics");
                if !is_stored {
                    cache.remove(id);
                } else if cache.get(id).is_none_or(|(known, _)| *known <= version) {
                    account.apply(&event);
                    cache.insert(id.clone(), (version + 1, account));
                }
            }
            if is_stored {
                return;
            }
        }
    }

    async fn count(&self, id: &String) -> (u64, i64) {
        let (_, account) = self.stored(id);
        (account.events, account.balance)
    }
}

fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("a file");
    let settings = "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; \
         PRAGMA mmap_size = 268435456;";
    connection.execute_batch(settings).expect("known pragmas");
    connection
}

/// What the thread that writes knows.
struct Writer {
    streams: HashMap<String, i64>,
    names: HashMap<&'static str, i64>,
    position: i64,
    ids: u128,
}

impl Writer {
    fn run(&mut self, connection: &mut Connection, jobs: &mpsc::Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut group = vec![first];
            group.extend(jobs.try_iter().take(GROUP - 1));
            let mut transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .expect("no other writer");
            let stored: Vec<_> = group
                .iter()
                .map(|job| self.store(&mut transaction, job))
                .collect();
            transaction.commit().expect("a disk");
            for (job, stored) in group.into_iter().zip(stored) {
                job.stored.send(stored).expect("somebody waits");
            }
        }
    }

    fn store(&mut self, transaction: &mut Transaction<'_>, job: &Job) -> bool {
        let stream = self.stream(transaction, &job.id);
        let savepoint = transaction.savepoint().expect("a transaction");
        let (began, mut version) = (self.position, job.expected);
        for (name, payload) in &job.events {
            version += 1;
            self.position += 1;
            self.ids += 1;
            let id = Uuid::from_u128(self.ids << 64 | 0x7000).into_bytes();
            let name = self.name(&savepoint, name);
            // The schema refuses an event that does not follow the last one of its stream.
            let inserted = savepoint
                .prepare_cached(INSERT)
                .expect("our schema")
                .execute(params![
                    self.position,
                    stream,
                    1,
                    version,
                    id,
                    name,
                    payload,
                    1_700_000_000_000_000_i64 + self.position,
                    id,
                ]);
            if inserted.is_err() {
                self.position = began;
                // Dropping it rolls it back.
                return false;
            }
        }
        savepoint.commit().expect("a transaction");
        true
    }

    fn stream(&mut self, transaction: &Transaction<'_>, id: &str) -> i64 {
        if let Some(number) = self.streams.get(id) {
            return *number;
        }
        let inserted =
            transaction.execute("INSERT INTO streams (category, name) VALUES (1, ?1)", [id]);
        inserted.expect("a new name");
        let number = transaction.last_insert_rowid();
        self.streams.insert(id.to_owned(), number);
        number
    }

    fn name(&mut self, connection: &Connection, name: &'static str) -> i64 {
        *self.names.entry(name).or_insert_with(|| {
            let known = connection
                .query_row("SELECT id FROM names WHERE name = ?1", [name], |row| {
                    row.get(0)
                })
                .optional();
            known.expect("our schema").unwrap_or_else(|| {
                let inserted = connection.execute("INSERT INTO names (name) VALUES (?1)", [name]);
                inserted.expect("a new name");
                connection.last_insert_rowid()
            })
        })
    }
}
