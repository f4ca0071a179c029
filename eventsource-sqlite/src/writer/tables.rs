//! The tables of read models, within a transaction: made, read under their plain names, and dropped.

use std::collections::BTreeSet;

use eventsource_core::{
    AppendError, Build, Generation, ProjectionName, ProjectionStoreError,
    projection::{Index, Table},
};
use rusqlite::{ErrorCode, OptionalExtension, params};

use super::{
    projections::{Stop, engine, number},
    transaction::Transaction,
};
use crate::{guard::Mode, names, sql};

/// What has a name already. It goes through the schema, which is small.
const IN_THE_WAY: &str = "SELECT type FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE";

/// The foreign keys of a table.
const REFERENCES: &str = "SELECT 1 FROM pragma_foreign_key_list(?1)";

impl Transaction<'_> {
    /// Makes the tables of a build, and claims their names for its projection.
    pub(super) fn make_tables(
        &mut self,
        build: &Build,
        generation: Generation,
        live: Option<Generation>,
    ) -> Result<(), Stop> {
        let projection = &build.projection;
        // The views of what is read have their names from this projection.
        let own: BTreeSet<String> = match live {
            Some(live) => self.tables(projection, live)?.into_iter().collect(),
            None => BTreeSet::new(),
        };
        for table in &build.tables {
            let refuse = |reason: String| -> Stop { refused(projection, table.name(), reason) };
            names::check(table.name()).map_err(|reason| refuse(reason.to_owned()))?;
            for index in table.indexes() {
                names::check_plain(index.name())
                    .map_err(|reason| refuse(format!("its index `{}`: {reason}", index.name())))?;
            }
            if let Some(other) = self.claimed(table.name(), projection)? {
                return Err(refuse(format!("it is one of the projection `{other}`")));
            }
            if !own.contains(&table.name().to_ascii_lowercase())
                && let Some(what) = self.in_the_way(table.name())?
            {
                return Err(refuse(format!("there is a {what} of this name already")));
            }
            let values = params![
                projection.as_str(),
                number(generation.number())?,
                table.name()
            ];
            match self.run(sql::NEW_TABLE, values) {
                Err(error) if is_refused(&error) => {
                    return Err(refuse(
                        "the projection has another one of this name".to_owned(),
                    ));
                }
                other => other?,
            }
            self.make_table(projection, generation, table)?;
        }
        Ok(())
    }

    fn make_table(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
        table: &Table,
    ) -> Result<(), Stop> {
        let refuse = |reason: String| refused(projection, table.name(), reason);
        let physical = names::physical(table.name(), generation);
        let columns = table.columns();
        let create = format!("CREATE TABLE \"{physical}\" ({columns})");
        self.define(&create, &physical, &refuse)?;
        let references = self
            .statement(REFERENCES)?
            .exists([&physical])
            .map_err(engine)?;
        if references {
            let reason = "its foreign key would refer to a table of one generation, or to one that is not its own";
            return Err(refuse(reason.to_owned()));
        }
        for index in table.indexes() {
            let name = names::index(&physical, index.name());
            let unique = if Index::is_unique(index) {
                "UNIQUE "
            } else {
                ""
            };
            let columns = index.columns();
            let create = format!("CREATE {unique}INDEX \"{name}\" ON \"{physical}\" ({columns})");
            self.define(&create, &physical, &refuse)?;
        }
        Ok(())
    }

    /// A definition that a projection has written a part of.
    fn define(
        &mut self,
        definition: &str,
        physical: &str,
        refuse: &dyn Fn(String) -> Stop,
    ) -> Result<(), Stop> {
        self.strike()?;
        let mode = Mode::making(physical);
        let defined = self
            .connection
            .within(mode, |connection| connection.execute(definition, []));
        match defined {
            Ok(_) => Ok(()),
            Err(error) if crate::error::is_engines(&error) => Err(engine(error)),
            Err(error) => Err(refuse(error.to_string())),
        }
    }

    pub(super) fn make_views(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<(), Stop> {
        for table in self.tables(projection, generation)? {
            if let Some(what) = self.in_the_way(&table)? {
                let reason = format!("there is a {what} of this name already");
                return Err(refused(projection, &table, reason));
            }
            let physical = names::physical(&table, generation);
            self.change(&format!(
                "CREATE VIEW \"{table}\" AS SELECT * FROM \"{physical}\""
            ))?;
        }
        Ok(())
    }

    pub(super) fn drop_views(
        &mut self,
        projection: &ProjectionName,
        live: Option<Generation>,
    ) -> Result<(), Stop> {
        let Some(live) = live else {
            return Ok(());
        };
        for table in self.tables(projection, live)? {
            self.change(&format!("DROP VIEW IF EXISTS \"{table}\""))?;
        }
        Ok(())
    }

    pub(super) fn drop_tables(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<(), Stop> {
        for table in self.tables(projection, generation)? {
            let physical = names::physical(&table, generation);
            self.change(&format!("DROP TABLE IF EXISTS \"{physical}\""))?;
        }
        Ok(())
    }

    /// A change of the schema, in names that were checked.
    fn change(&mut self, definition: &str) -> Result<(), Stop> {
        self.strike()?;
        self.connection.execute(definition, []).map_err(engine)?;
        Ok(())
    }

    /// The plain names of the tables of a generation, in lower case.
    pub(super) fn tables(
        &mut self,
        projection: &ProjectionName,
        generation: Generation,
    ) -> Result<Vec<String>, Stop> {
        let values = params![projection.as_str(), number(generation.number())?];
        let mut statement = self.statement(sql::TABLES)?;
        let names = statement
            .query_map(values, |row| row.get(0))
            .map_err(engine)?;
        let names: Result<Vec<String>, _> = names.collect();
        let mut names = names.map_err(engine)?;
        for name in &mut names {
            // They go into statements.
            if names::check_plain(name).is_err() {
                return Err(Stop::from(super::projections::damaged(projection, "name")));
            }
            name.make_ascii_lowercase();
        }
        Ok(names)
    }

    fn claimed(
        &mut self,
        table: &str,
        projection: &ProjectionName,
    ) -> Result<Option<String>, Stop> {
        self.first_text(sql::CLAIMED, params![table, projection.as_str()])
    }

    fn in_the_way(&mut self, name: &str) -> Result<Option<String>, Stop> {
        self.first_text(IN_THE_WAY, [name])
    }

    fn first_text(
        &mut self,
        statement: &'static str,
        values: impl rusqlite::Params,
    ) -> Result<Option<String>, Stop> {
        self.statement(statement)?
            .query_row(values, |row| row.get(0))
            .optional()
            .map_err(engine)
    }
}

fn refused(projection: &ProjectionName, table: &str, reason: String) -> Stop {
    Stop::from(ProjectionStoreError::Table {
        projection: projection.clone(),
        table: table.to_owned(),
        reason,
    })
}

/// Whether a row is there already.
fn is_refused(error: &AppendError) -> bool {
    let AppendError::Rejected(eventsource_core::Rejection::Engine { source }) = error else {
        return false;
    };
    source
        .downcast_ref::<rusqlite::Error>()
        .and_then(rusqlite::Error::sqlite_error_code)
        == Some(ErrorCode::ConstraintViolation)
}
