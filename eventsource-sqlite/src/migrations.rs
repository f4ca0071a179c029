//! Bringing a file to the present schema.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::{
    error::OpenError,
    schema::{APPLICATION_ID, Identity, identity, is_ours},
};

/// The step from each schema version to the next one. What a step after the fourth makes has a name that begins with
/// `eventsource_`, which no read model may have.
const MIGRATIONS: [&str; 4] = [
    include_str!("sql/0001.sql"),
    include_str!("sql/0002.sql"),
    include_str!("sql/0003.sql"),
    include_str!("sql/0004.sql"),
];

/// The one that the last step leads to.
pub(crate) const SCHEMA_VERSION: i64 = 4;

/// All steps that the file lacks, in one transaction. What the file is, is asked again inside of it: another process may
/// have been faster. A file that lacks none is opened while another process writes.
pub(crate) fn migrate(writer: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let sql = |error| OpenError::from_sql(path, error);
    if is_present(&identity(writer).map_err(sql)?) {
        return Ok(());
    }
    let transaction = writer
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    let identity = identity(&transaction).map_err(sql)?;
    is_ours(&identity, path)?;
    let done = usize::try_from(identity.user_version)
        .map_err(|_| OpenError::engine(path, "the schema version is negative"))?;
    let mut steps = MIGRATIONS.iter().skip(done);
    if let Err(error) = steps.try_for_each(|step| transaction.execute_batch(step)) {
        // What the steps have made themselves is in nobody's way.
        transaction.rollback().map_err(sql)?;
        return Err(match taken(writer, done) {
            Ok(Some((name, kind))) => OpenError::NameTaken {
                path: path.to_owned(),
                name,
                kind,
            },
            _ => sql(error),
        });
    }
    if done < MIGRATIONS.len() {
        transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(sql)?;
        transaction
            .pragma_update(None, "user_version", SCHEMA_VERSION)
            .map_err(sql)?;
    }
    transaction.commit().map_err(sql)
}

/// What is so once stays so, but for a later release.
fn is_present(file: &Identity) -> bool {
    file.application_id == APPLICATION_ID && file.user_version == SCHEMA_VERSION
}

/// What has one of the names that the steps after so many give, and what it is: SQLite says it in a text alone.
fn taken(file: &Connection, done: usize) -> rusqlite::Result<Option<(String, String)>> {
    let model = Connection::open_in_memory()?;
    let (before, after) = MIGRATIONS.split_at(done.min(MIGRATIONS.len()));
    before
        .iter()
        .try_for_each(|step| model.execute_batch(step))?;
    let old = names(&model)?;
    after
        .iter()
        .try_for_each(|step| model.execute_batch(step))?;
    let new = names(&model)?;
    let is_in = |names: &[Named], name: &str| {
        let mut names = names.iter();
        names.any(|(other, _)| other.eq_ignore_ascii_case(name))
    };
    let mut found = names(file)?;
    found.retain(|(name, _)| is_in(&new, name) && !is_in(&old, name));
    Ok(found.into_iter().next())
}

/// A name, and what has it.
type Named = (String, String);

fn names(connection: &Connection) -> rusqlite::Result<Vec<Named>> {
    let mut statement = connection.prepare("SELECT name, type FROM sqlite_schema")?;
    let names = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    names.collect()
}

/// A database in memory with the present schema, for tests of what is said to it.
#[cfg(test)]
pub(crate) fn in_memory() -> Connection {
    let connection = Connection::open_in_memory().expect("a database");
    for step in MIGRATIONS {
        connection.execute_batch(step).expect("the schema");
    }
    connection
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_lead_to_the_present_version() {
        assert_eq!(i64::try_from(MIGRATIONS.len()), Ok(SCHEMA_VERSION));
    }

    /// What steps after version 4 would make under names that a read model may have, too.
    fn unkept(after: &[&str]) -> Vec<String> {
        let model = Connection::open_in_memory().expect("a database");
        for step in &MIGRATIONS[..4] {
            model.execute_batch(step).expect("a step");
        }
        let old = names(&model).expect("names");
        for step in after {
            model.execute_batch(step).expect("a step");
        }
        let mut new = names(&model).expect("names");
        new.retain(|name| !old.contains(name) && crate::names::check(&name.0).is_ok());
        new.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_is_new_after_version_4_has_names_that_no_read_model_may_have() {
        assert_eq!(unkept(&MIGRATIONS[4..]), Vec::<String>::new());
        let kept = "CREATE TABLE eventsource_outbox (a UNIQUE); CREATE INDEX eventsource_i ON eventsource_outbox (a)";
        assert_eq!(unkept(&[kept]), Vec::<String>::new());
        let unkept_ones = "CREATE TABLE outbox (a UNIQUE); CREATE INDEX by_a ON outbox (a)";
        assert_eq!(unkept(&[unkept_ones]), ["outbox", "by_a"]);
    }
}
