//! Entries that nothing reads any more.

use std::collections::BTreeSet;

use eventsource_core::describe::{Body, Description};

use super::{
    entry,
    error::{Stale, StaleKind},
    file::{File, Head},
};

/// The entries of which nothing is left in this build.
pub(super) fn stale(file: &File, live: &Description) -> Vec<Stale> {
    let mut all = Vec::new();
    for head in file.entries.keys() {
        let (name, version) = match head {
            Head::Event(name, version) => (name, *version),
            Head::Retired(name) => (name, 0),
            Head::Type(_) => continue,
            Head::Category(category) => {
                all.extend(left(file, live, category));
                continue;
            }
        };
        // Nobody reads it, and its event says so: `oldest = ..`.
        if live.too_old.contains(&(name.as_str(), version)) {
            continue;
        }
        let of_name = || live.events.iter().filter(|event| event.name == name);
        let why = match (head, of_name().next()) {
            (Head::Retired(_), Some(event)) if !event.retired => StaleKind::Back {
                rust: event.rust.to_owned(),
            },
            // Its versions say that it is gone.
            (Head::Retired(_), _) => continue,
            (_, None) => gone(file, live, name),
            (_, Some(event)) => {
                let rust = event.rust.to_owned();
                let latest = event.latest;
                if of_name().any(|event| event.version == version) {
                    continue;
                } else if version > latest {
                    StaleKind::Newer { rust, latest }
                } else {
                    StaleKind::OtherVersion { rust }
                }
            }
        };
        all.push(Stale {
            name: name.clone(),
            version,
            why,
        });
    }
    all
}

/// The events of a category that are not read in it any more. Those that are read nowhere have entries that say so.
fn left(file: &File, live: &Description, category: &str) -> Vec<Stale> {
    let stale = |name: &str, why| Stale {
        name: name.to_owned(),
        version: 0,
        why,
    };
    let Some(names) = live.categories.get(category) else {
        let is_new = |name: &&&str| {
            !file
                .entries
                .contains_key(&Head::Category((**name).to_owned()))
        };
        let new: Vec<_> = live.categories.keys().filter(is_new).collect();
        let alike = match new[..] {
            [one] => Some((*one).to_owned()),
            _ => None,
        };
        return vec![stale(category, StaleKind::NoCategory { alike })];
    };
    let locked = file.entries.get(&Head::Category(category.to_owned()));
    let locked = locked.map(|entry| entry.names.iter()).into_iter().flatten();
    let elsewhere = |name: &str| live.categories.values().any(|all| all.contains(name));
    let gone = locked.filter(|name| !names.contains(name.as_str()) && elsewhere(name));
    gone.map(|name| {
        let category = category.to_owned();
        stale(name, StaleKind::Left { category })
    })
    .collect()
}

/// Looks for the name that an event may have now: that of the one event which is new and has the shape of its last version.
fn gone(file: &File, live: &Description, name: &str) -> StaleKind {
    let versions = |name: &str| {
        let all = file.entries.keys().filter_map(move |head| match head {
            Head::Event(of, version) if of == name => Some(*version),
            _ => None,
        });
        all.max()
    };
    let last = versions(name).unwrap_or(0);
    let head = Head::Event(name.to_owned(), last);
    let lines = |body: &Body| entry::lines(&head, body, &BTreeSet::new(), &|key| key.to_string());
    let stored = file.entries.get(&head).map(|entry| lines(&entry.body));
    let mut alike = live.events.iter().filter(|event| {
        let is_new = event.version == event.latest && versions(event.name).is_none();
        is_new && !event.retired && Some(lines(&event.body)) == stored
    });
    let alike = match (alike.next(), alike.next()) {
        (Some(event), None) => Some((event.rust.to_owned(), event.name.to_owned())),
        _ => None,
    };
    let next = last + 1;
    StaleKind::Gone { next, alike }
}
