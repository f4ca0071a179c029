//! Every name is told in one of the runs that are compared as a whole, and nothing is told under another one.

use std::collections::{BTreeMap, BTreeSet};

use eventsource_core::signal::{
    describe_metrics,
    names::{self, Kind, Signal, event, field, label, metric, span},
};

use crate::{builds, faults, leases, misses, ordinary, projections, recorder::Metrics, seen::Seen};

/// The runs that are compared as a whole.
pub(crate) fn runs() -> Vec<Seen> {
    vec![
        ordinary::commands(),
        ordinary::cached(),
        ordinary::units(),
        ordinary::two_vaults(),
        faults::conflicts(),
        faults::unknown_outcomes(),
        misses::snapshots(),
        misses::failures(),
        misses::misses(),
        projections::stops(),
        projections::parks(),
        projections::rebuilds(),
        builds::raises(),
        builds::reacts(),
        leases::takes_over(),
        leases::store_fails(),
    ]
}

/// By name: levels, fields that there can be, fields that were there.
type Used = BTreeMap<&'static str, [BTreeSet<String>; 3]>;

fn used(runs: &[Seen], is_span: bool) -> Used {
    let mut used = Used::new();
    let told = runs.iter().flat_map(|seen| &seen.told);
    for told in told.filter(|told| told.is_span == is_span) {
        let [levels, possible, there] = used.entry(told.name).or_default();
        levels.insert(told.level.clone());
        possible.extend(told.possible.iter().map(|name| (*name).to_owned()));
        there.extend(told.fields.keys().map(|name| (*name).to_owned()));
    }
    used
}

fn listed(all: &'static [Signal]) -> Used {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let each = all.iter().map(|one| {
        let fields: BTreeSet<String> = set(one.fields);
        (one.name, [set(one.levels), fields.clone(), fields])
    });
    let listed: Used = each.collect();
    assert_eq!(listed.len(), all.len(), "a name is listed twice");
    listed
}

#[test]
fn every_span_and_event_is_told_with_the_levels_and_fields_that_are_listed() {
    let runs = runs();
    assert_eq!(used(&runs, true), listed(span::ALL));
    assert_eq!(used(&runs, false), listed(event::ALL));
}

#[test]
fn every_field_is_one_of_a_signal() {
    let of_signals = span::ALL.iter().chain(event::ALL);
    let of_signals: BTreeSet<_> = of_signals.flat_map(|one| one.fields).copied().collect();
    let listed: BTreeSet<_> = field::ALL.iter().map(|one| one.name).collect();
    assert_eq!(listed, of_signals);
}

#[test]
fn every_metric_is_measured_under_listed_labels() {
    let (mut names, mut labels) = (BTreeSet::new(), BTreeSet::new());
    for ((name, with), values) in runs().into_iter().flat_map(|seen| seen.metrics) {
        let (of, what) = with[0].clone();
        if name.starts_with("eventsource_projection_") {
            assert_eq!(of, label::PROJECTION);
            assert!(["mirror", "count", "thanks"].contains(&&*what), "{what}");
        } else {
            assert_eq!((&*of, &*what), (label::AGGREGATE, "vault"));
        }
        assert!(!values.is_empty(), "{name} was registered and never used");
        labels.extend(with.into_iter().map(|(label, _)| label));
        names.insert(name);
    }
    let listed: BTreeSet<_> = metric::ALL.iter().map(|one| one.name.to_owned()).collect();
    assert_eq!(names, listed);
    let listed: BTreeSet<_> = label::ALL.iter().map(|one| one.name.to_owned()).collect();
    assert_eq!(labels, listed);
}

#[test]
fn every_metric_is_described_with_its_unit() {
    let recorder = Metrics::default();
    metrics::with_local_recorder(&recorder, describe_metrics);
    let described = recorder.described.into_inner().expect("not poisoned");
    assert_eq!(described.len(), metric::ALL.len());
    for (told, one) in described.into_iter().zip(metric::ALL) {
        let (name, kind, unit, meaning) = told;
        assert_eq!((name.as_str(), meaning.as_str()), (one.name, one.meaning));
        assert_eq!(unit.map(|unit| unit.as_str()), Some(one.unit));
        assert_eq!(kind, format!("{:?}", one.kind));
        // The name says it, too, as the houses that collect metrics want it.
        match (one.kind, one.unit) {
            (Kind::Counter, "count") => assert!(name.ends_with("_total"), "{name}"),
            (_, "count") => assert!(!name.ends_with("_total"), "{name}"),
            (_, unit) => assert!(name.ends_with(unit), "{name}"),
        }
    }
}

/// What `docs/signals.md` has to say of all names.
fn tables() -> String {
    let mut rows = Vec::new();
    for (title, all) in [("Spans", span::ALL), ("Events", event::ALL)] {
        rows.push(format!(
            "# {title}\n\n| name | level | fields | what it says |\n|---|---|---|---|\n"
        ));
        for one in all {
            let fields: Vec<_> = one.fields.iter().map(|name| format!("`{name}`")).collect();
            let (levels, fields) = (one.levels.join(", "), fields.join(", "));
            rows.push(format!(
                "| `{}` | {levels} | {fields} | {} |\n",
                one.name, one.meaning
            ));
        }
        rows.push("\n".to_owned());
    }
    rows.push("# Fields\n\n| name | what it says |\n|---|---|\n".to_owned());
    for one in field::ALL {
        rows.push(format!("| `{}` | {} |\n", one.name, one.meaning));
    }
    rows.push(
        "\n# Metrics\n\n| name | kind | unit | what it says |\n|---|---|---|---|\n".to_owned(),
    );
    for one in metric::ALL {
        let kind = format!("{:?}", one.kind).to_lowercase();
        rows.push(format!(
            "| `{}` | {kind} | {} | {} |\n",
            one.name, one.unit, one.meaning
        ));
    }
    rows.push("\n# Labels\n\n| name | what it says |\n|---|---|\n".to_owned());
    for one in label::ALL {
        rows.push(format!("| `{}` | {} |\n", one.name, one.meaning));
    }
    rows.concat()
}

/// `UPDATE_EXPECT=1` writes the tables anew.
#[test]
fn the_page_lists_every_name() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/signals.md");
    let text = std::fs::read_to_string(page).expect("the page");
    let (words, _) = text.split_once("# Spans\n").expect("the tables come last");
    expect_test::expect_file![page].assert_eq(&format!("{words}{}", tables()));
    let warns_from = format!("from the {}th attempt on", names::RETRY_WARNS_FROM);
    assert!(text.contains(&warns_from), "the page says: {warns_from}");
}
