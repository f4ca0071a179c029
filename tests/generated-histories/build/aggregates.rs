//! Aggregates over the events: some listed, one dropped, one split. What each version of each wrote is found in their
//! tables by its stored name, and becomes what the plain conversions make of it.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::model::{History, Version};

/// Listed, listed, dropped, split.
pub(crate) const EVENTS: usize = 4;

/// What each aggregate has.
pub(crate) const WORDS: &[&str] = &["retired: dropped", "retired: split"];

/// The module of an aggregate over four events.
pub(crate) fn write(id: &str, events: &[&History]) -> String {
    let [one, other, dropped, split] = events else {
        panic!("an aggregate has {EVENTS} events")
    };
    let name = |history: &History| history.at(history.latest()).event.clone();
    let (one_id, other_id) = (&one.id, &other.id);
    let mut text = format!(
        "/// What the event that was split became.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = \"{id}.became\")]
pub(super) struct Became {{
    shown: String,
}}
fn split(old: {split_id}::Today) -> [StateEvent; 2] {{
    let shown = format!(\"{{old:?}}\");
    [Became {{ shown: shown.len().to_string() }}.into(), Became {{ shown }}.into()]
}}
#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = \"{id}\",
    id = u64,
    error = std::convert::Infallible,
    events({one_id}::Today as One, {other_id}::Today as Other, Became),
    retired(\"{dropped_name}\", from = {dropped_id}::Today, into = |_| []),
    retired(\"{split_name}\", from = {split_id}::Today, into = split),
)]
pub(super) struct State {{
    seen: Vec<String>,
}}
",
        split_id = split.id,
        split_name = name(split),
        dropped_id = dropped.id,
        dropped_name = name(dropped),
    );
    for event in [
        format!("{one_id}::Today"),
        format!("{other_id}::Today"),
        "Became".to_owned(),
    ] {
        let _ = writeln!(
            text,
            "impl Apply<{event}> for State {{
    fn apply(&mut self, event: &{event}) {{
        self.seen.push(format!(\"{{event:?}}\"));
    }}
}}"
        );
    }
    let _ = writeln!(
        text,
        "#[test]
fn each_version_is_found_by_its_name() {{
    let mut table = Table::new(SEED, \"{id}\", |state: &State| &state.seen[..]);"
    );
    for (place, history) in events.iter().enumerate() {
        let parts = match place {
            2 => "|_| vec![]",
            3 => {
                "|shown| vec![format!(\"{:?}\", Became { shown: shown.len().to_string() }), format!(\"{:?}\", Became { shown })]"
            }
            _ => "|shown| vec![shown]",
        };
        calls(history, parts, &mut text);
    }
    text + "    table.knows_no_other();\n}\n"
}

/// Each version under each name that the event ever had.
fn calls(history: &History, parts: &str, text: &mut String) {
    let (id, latest) = (&history.id, history.latest());
    let event = |version: &Version| version.event.clone();
    let names: BTreeSet<_> = history.versions.iter().map(event).collect();
    for version in 1..=latest {
        for name in &names {
            let _ = if *name == history.at(version).event {
                writeln!(
                    text,
                    "    table.read(\"{name}\", {version}, {id}::from_{version}, {parts});"
                )
            } else {
                writeln!(
                    text,
                    "    table.has_another_name::<{id}::V{version}>(\"{name}\", {version});"
                )
            };
        }
    }
    for name in &names {
        let _ = writeln!(text, "    table.knows_up_to(\"{name}\", {latest});");
    }
}
