//! Where a read begins and ends: its words turned into an index and into the first and the last key of it.

use eventsource_core::{Position, Read, ReadError, Scope, Timestamp, Version};
use rusqlite::Connection;

use super::{
    head, one,
    plan::{Lead, Rest},
};
use crate::{
    error::{corrupt, read_error},
    sql,
};

/// Up to how many categories, names or causes are read by one walk along the index for each.
pub(super) const MERGED: usize = 16;

/// Up to how many events the bounds of `occurred_at` are turned into bounds of positions.
const NARROWED: i64 = 10_000;

/// Which index leads the read, and what is asked of each row. `None` where a name or category has never been stored.
pub(super) fn lead(
    connection: &Connection,
    read: &Read,
    stream: Option<i64>,
) -> Result<Option<(Lead, Rest)>, ReadError> {
    let mut rest = Rest {
        tags: read.filter.tags.iter().cloned().collect(),
        correlation: (read.filter.correlation).map(|id| id.as_uuid().into_bytes()),
        causes: (read.filter.causes.iter().flatten())
            .map(|id| id.as_uuid().into_bytes())
            .collect(),
        ..Rest::default()
    };
    if read.occurred_from.is_some() || read.occurred_to.is_some() {
        let from = read.occurred_from.unwrap_or(Timestamp::MIN);
        let to = read.occurred_to.unwrap_or(Timestamp::MAX);
        rest.occurred = Some((from.as_micros(), to.as_micros()));
    }
    if let Some(names) = &read.filter.names {
        for name in names.difference(&read.filter.except) {
            rest.names
                .extend(one::<i64>(connection, sql::NAME, [name.as_str()])?);
        }
        if rest.names.is_empty() {
            return Ok(None);
        }
    } else {
        for name in &read.filter.except {
            rest.except
                .extend(one::<i64>(connection, sql::NAME, [name.as_str()])?);
        }
    }
    let categories: Vec<_> = match &read.scope {
        Scope::Category(category) => vec![category],
        Scope::Categories(categories) => categories.iter().collect(),
        Scope::Stream(_) | Scope::All => Vec::new(),
    };
    for category in &categories {
        rest.categories
            .extend(one::<i64>(connection, sql::CATEGORY, [category.as_str()])?);
    }
    if rest.categories.is_empty() && !categories.is_empty() {
        return Ok(None);
    }
    if has_all(connection, &rest.categories)? {
        // Each row is wanted, so none is looked up by an index: that costs half as much again for each of them.
        rest.categories.clear();
    }
    let lead = if let Some(stream) = stream {
        Lead::Stream(stream)
    } else if !rest.causes.is_empty() && rest.causes.len() <= MERGED {
        // A cause has few effects, and a conversation has an end: what leads to the fewest rows comes first.
        Lead::Causes(std::mem::take(&mut rest.causes))
    } else if let Some(conversation) = rest.correlation.take() {
        Lead::Correlation(conversation)
    } else if !rest.tags.is_empty() {
        Lead::Tag(rest.tags.remove(0))
    } else if !rest.names.is_empty() && rest.names.len() <= MERGED {
        Lead::Names(std::mem::take(&mut rest.names))
    } else if !rest.categories.is_empty() && rest.categories.len() <= MERGED {
        Lead::Categories(std::mem::take(&mut rest.categories))
    } else {
        Lead::All
    };
    Ok(Some((lead, rest)))
}

/// Whether these are all categories that the store has, within the moment that also settles where the read ends: what comes
/// under a new one lies beyond that. Their numbers count from 1, and no two of these are the same.
fn has_all(connection: &Connection, categories: &[i64]) -> Result<bool, ReadError> {
    if categories.is_empty() {
        return Ok(false);
    }
    let last: Option<Option<i64>> = one(connection, sql::LAST_CATEGORY, [])?;
    Ok(last.flatten().and_then(|last| usize::try_from(last).ok()) == Some(categories.len()))
}

/// The first and the last key. `None` where nothing lies between.
pub(super) fn bounds(
    connection: &Connection,
    read: &Read,
    stream: Option<i64>,
) -> Result<Option<(i64, i64)>, ReadError> {
    if let Some(stream) = stream {
        return versions(connection, read, stream);
    }
    let Some((mut low, mut high)) = positions(connection, read)? else {
        return Ok(None);
    };
    if read.occurred_from.is_some() || read.occurred_to.is_some() {
        let from = read.occurred_from.unwrap_or(Timestamp::MIN).as_micros();
        let to = read.occurred_to.unwrap_or(Timestamp::MAX).as_micros();
        let within: (Option<i64>, Option<i64>, i64) = connection
            .prepare_cached(sql::OCCURRED_WITHIN)
            .and_then(|mut statement| {
                statement.query_row([from, to, NARROWED], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
            })
            .map_err(read_error)?;
        match within {
            (Some(first), Some(last), count) if count < NARROWED => {
                (low, high) = (low.max(first), high.min(last));
            }
            (None, ..) => return Ok(None),
            // Too many to tell; each row is asked.
            _ => {}
        }
    }
    Ok((low <= high).then_some((low, high)))
}

/// The positions between the bounds of position and of `recorded_at`, which rises with them, up to the present end.
fn positions(connection: &Connection, read: &Read) -> Result<Option<(i64, i64)>, ReadError> {
    let head = head(connection)?;
    let mut low = clamped(read.from_position.map_or(1, Position::number));
    let mut high = head.min(clamped(read.to_position.map_or(u64::MAX, Position::number)));
    if let Some(from) = read.recorded_from {
        low = low.max(first_recorded(connection, head, |at| {
            at >= from.as_micros()
        })?);
    }
    if let Some(to) = read.recorded_to {
        high = high.min(first_recorded(connection, head, |at| at > to.as_micros())? - 1);
    }
    let nothing_after = read
        .from_position
        .is_some_and(|from| from.number() > i64::MAX as u64);
    Ok((low <= high && !nothing_after).then_some((low, high)))
}

fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The first position whose `recorded_at` passes; the one after the last where none does.
fn first_recorded(
    connection: &Connection,
    head: i64,
    passes: impl Fn(i64) -> bool,
) -> Result<i64, ReadError> {
    first(1, head, |position| {
        let at: Option<i64> = one(connection, sql::RECORDED_AT, [position])?;
        Ok(at.is_none_or(&passes))
    })
}

/// The versions between the bounds of version, position and `recorded_at`, which all rise along a stream.
fn versions(
    connection: &Connection,
    read: &Read,
    stream: i64,
) -> Result<Option<(i64, i64)>, ReadError> {
    let Some((first_left, last)) = super::versions(connection, stream)? else {
        return Ok(None);
    };
    let last = clamped(last.get());
    let mut low = clamped(Version::number(read.from_version).max(first_left.get()));
    let mut high = last.min(read.to_version.map_or(i64::MAX, |to| clamped(to.get())));
    let is_bounded = read.from_position.is_some()
        || read.to_position.is_some()
        || read.recorded_from.is_some()
        || read.recorded_to.is_some();
    if is_bounded && low <= high {
        let Some((from, to)) = positions(connection, read)? else {
            return Ok(None);
        };
        let position = |version: i64| -> Result<i64, ReadError> {
            one(connection, sql::POSITION_OF_VERSION, [stream, version])?
                .ok_or_else(|| corrupt(None, format!("version {version} of a stream is missing")))
        };
        (low, high) = (
            first(low, high, |version| Ok(position(version)? >= from))?,
            first(low, high, |version| Ok(position(version)? > to))? - 1,
        );
    }
    let nothing_after = read
        .from_version
        .is_some_and(|from| from.get() > i64::MAX as u64);
    Ok((low <= high && !nothing_after).then_some((low, high)))
}

/// The first number from `low` to `high` that passes, where all after it pass too; the one after `high` where none does.
fn first(
    mut low: i64,
    high: i64,
    passes: impl Fn(i64) -> Result<bool, ReadError>,
) -> Result<i64, ReadError> {
    let mut end = high.saturating_add(1);
    while low < end {
        let middle = low + (end - low) / 2;
        if passes(middle)? {
            end = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use eventsource_core::{Category, EventName};

    use super::*;

    fn categories(names: &[&str]) -> Read {
        let names = names.iter().map(|name| Category::new(*name));
        let names = names.collect::<Result<_, _>>().expect("legal names");
        Read::new(Scope::Categories(names))
    }

    #[test]
    fn a_read_of_all_categories_follows_the_log_and_one_of_fewer_their_index() {
        let connection = crate::migrations::in_memory();
        let lead_of = |read: &Read| lead(&connection, read, None).expect("a whole file");
        let insert = |name: &str| {
            let inserted = connection.execute("INSERT INTO categories (name) VALUES (?1)", [name]);
            inserted.expect("a row");
        };
        assert_eq!(lead_of(&categories(&["a", "b"])), None);
        insert("a");
        insert("b");
        for names in [&["a", "b"][..], &["a", "b", "never"]] {
            let everything = Some((Lead::All, Rest::default()));
            assert_eq!(lead_of(&categories(names)), everything, "{names:?}");
        }
        let named = categories(&["a", "b"]).named([EventName::new("c").expect("a legal name")]);
        assert_eq!(lead_of(&named), None, "no such name");
        let of = |numbers: &[i64]| Some((Lead::Categories(numbers.to_vec()), Rest::default()));
        assert_eq!(lead_of(&categories(&["b"])), of(&[2]));
        assert_eq!(lead_of(&categories(&["a", "never"])), of(&[1]));
        insert("c");
        assert_eq!(lead_of(&categories(&["a", "b"])), of(&[1, 2]));
    }
}
