//! A check of a database has to be able to fail: harms are done to copies of it, and each has to be found.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use rusqlite::Connection;
use tempfile::TempDir;

/// What could be wrong in a database.
pub(crate) struct Harm {
    /// How it is done. `{name}` is the table of that name of the generation that is read.
    pub(crate) sql: &'static str,
    /// Part of what the check says of it, and of nothing else.
    pub(crate) found: &'static str,
}

/// Makes sure that a check passes on a copy that nothing was done to, and says of each harm what it is.
pub(crate) fn each_is_found(
    database: &Path,
    harms: &[Harm],
    mut check: impl FnMut(&Path) -> Result<()>,
) -> Result<()> {
    ensure!(!harms.is_empty(), "nothing is harmed");
    for harm in harms {
        let Harm { sql, found } = harm;
        let (_folder, control) = copy(database)?;
        check(&control).context("a copy that was not harmed")?;
        let (_folder, harmed) = copy(database)?;
        harm.is_done_to(&harmed)
            .with_context(|| (*sql).to_owned())?;
        let Err(error) = check(&harmed) else {
            bail!("nobody saw {sql}");
        };
        let said = format!("{error:#}");
        ensure!(
            said.contains(found),
            "of {sql} was to be said {found:?}, and this was: {said}"
        );
    }
    Ok(())
}

impl Harm {
    fn is_done_to(&self, database: &Path) -> Result<()> {
        let raw = Connection::open(database)?;
        let mut sql = String::new();
        let mut parts = self.sql.split('{');
        sql.extend(parts.next());
        for part in parts {
            let (name, rest) = part.split_once('}').context("a name has no end")?;
            sql.push_str(&table(&raw, name)?);
            sql.push_str(rest);
        }
        raw.execute_batch(&sql)?;
        ensure!(raw.changes() > 0, "it does no harm");
        raw.close().map_err(|(_, error)| error)?;
        Ok(())
    }
}

/// The table of the generation that came last.
fn table(raw: &Connection, name: &str) -> Result<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ?1 || '\\_\\_g%' ESCAPE '\\' \
         ORDER BY length(name) DESC, name DESC LIMIT 1";
    let found = raw.query_row(sql, [name], |row| row.get(0));
    found.with_context(|| format!("there is no table {name}"))
}

/// A database that nobody has open, in a folder of its own: what another copy has left behind is not beside it.
fn copy(database: &Path) -> Result<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let name = database.file_name().context("a database has a name")?;
    let copy = folder.path().join(name);
    std::fs::copy(database, &copy)?;
    // What was committed may still be in the log.
    let log = |path: &Path| {
        let mut path = path.as_os_str().to_owned();
        path.push("-wal");
        PathBuf::from(path)
    };
    if log(database).exists() {
        std::fs::copy(log(database), log(&copy))?;
    }
    Ok((folder, copy))
}
