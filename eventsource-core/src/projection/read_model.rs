//! The tables in which a read model lies.

/// What a projection in a store's transaction writes to: its tables, which the store makes.
///
/// The tables of each build are made under names of their own, and read under the plain ones: a rebuild fills new tables
/// beside those that are read, and the names are switched when it has caught up.
#[diagnostic::on_unimplemented(
    message = "the projection `{Self}` declares no tables",
    label = "does not implement `ReadModel`",
    note = "write `impl ReadModel for {Self} {{ const TABLES: &'static [Table] = &[Table::new(\"name\", \"id INTEGER PRIMARY KEY, ..\")]; }}`"
)]
pub trait ReadModel {
    /// The tables. Any other one is refused.
    const TABLES: &'static [Table];
}

/// A table of a read model.
///
/// ```
/// use eventsource_core::projection::{Index, Table};
///
/// const BALANCES: Table = Table::new("balances", "account INTEGER PRIMARY KEY, owner TEXT, haler INTEGER NOT NULL")
///     .with_indexes(&[Index::new("by_owner", "owner")]);
/// assert_eq!(BALANCES.name(), "balances");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Table {
    name: &'static str,
    columns: &'static str,
    indexes: &'static [Index],
}

impl Table {
    /// A table by its name, and its columns as they stand between the brackets of `CREATE TABLE`.
    ///
    /// The name has up to 40 letters, digits and `_`, and does not begin with a digit; small letters and capitals are not
    /// told apart. The derive of a projection refuses any other one, and two tables of one name.
    pub const fn new(name: &'static str, columns: &'static str) -> Self {
        Self {
            name,
            columns,
            indexes: &[],
        }
    }

    /// With these indexes.
    #[must_use]
    pub const fn with_indexes(mut self, indexes: &'static [Index]) -> Self {
        self.indexes = indexes;
        self
    }

    /// The name under which it is read.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The columns, as they stand between the brackets of `CREATE TABLE`.
    pub const fn columns(&self) -> &'static str {
        self.columns
    }

    /// The indexes.
    pub const fn indexes(&self) -> &'static [Index] {
        self.indexes
    }
}

/// An index of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Index {
    name: &'static str,
    columns: &'static str,
    is_unique: bool,
}

impl Index {
    /// An index by its name among those of its table, and its columns as they stand between the brackets of
    /// `CREATE INDEX`. The name is as that of a [`Table`].
    pub const fn new(name: &'static str, columns: &'static str) -> Self {
        Self {
            name,
            columns,
            is_unique: false,
        }
    }

    /// No two rows have the same.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.is_unique = true;
        self
    }

    /// Its name among those of its table.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its columns, as they stand between the brackets of `CREATE INDEX`.
    pub const fn columns(&self) -> &'static str {
        self.columns
    }

    /// Whether no two rows have the same.
    pub const fn is_unique(&self) -> bool {
        self.is_unique
    }
}
