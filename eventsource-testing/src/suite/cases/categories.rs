//! Reading several categories at once, and all events but those of some names: what projections read.

use eventsource_core::{Category, Read, ReadError, Recorded, Tag};

use crate::suite::{
    bench::Bench,
    cases::select::{NAMES, assert_as_by_hand, prepared},
    kit,
};

fn categories(texts: &[&str]) -> Vec<Category> {
    let named = texts
        .iter()
        .map(|text| Category::new(*text).expect("a legal category"));
    named.collect()
}

/// Contract 10.
pub(crate) async fn x_33_several_categories_are_read_in_the_order_of_positions(bench: Bench) {
    let (store, all) = prepared(&bench, 33, 700).await;
    let unknown: Vec<_> = (0..17).map(|number| format!("none{number}")).collect();
    let mut many: Vec<_> = unknown.iter().map(String::as_str).collect();
    many.extend(["account", "order"]);
    for wanted in [
        &["account", "order"][..],
        &["Account", "account", "order"],
        &["order", "orders"],
        &["order"],
        &["accoun", "orders"],
        &many,
    ] {
        let wanted = categories(wanted);
        let is_wanted = |event: &Recorded| wanted.contains(event.stream.category());
        let whole = Read::categories(wanted.clone());
        assert_as_by_hand(&store, &all, whole.clone(), is_wanted).await;
        let part = whole
            .clone()
            .from_position(all[10].position)
            .to_position(all[640].position);
        assert_as_by_hand(&store, &all[10..=640], part, is_wanted).await;
        let (name, red) = (
            kit::name("account.moved"),
            Tag::new("red").expect("a legal tag"),
        );
        let filtered = whole.named([name.clone()]).tagged([red.clone()]);
        assert_as_by_hand(&store, &all, filtered, |event| {
            is_wanted(event) && event.name == name && event.tags.contains(&red)
        })
        .await;
    }
    // No category is no way to say all.
    let none = store.read(Read::categories([])).collect().await;
    assert!(
        matches!(none, Err(ReadError::Invalid { .. })),
        "a read of no category: {none:?}"
    );
    let versions = Read::categories(categories(&["order"])).from_version(kit::version(1));
    let versions = store.read(versions).collect().await;
    assert!(
        matches!(versions, Err(ReadError::Invalid { .. })),
        "versions belong to one stream: {versions:?}"
    );
}

/// Contract 10.
pub(crate) async fn x_34_all_events_but_those_of_some_names_are_read(bench: Bench) {
    let (store, all) = prepared(&bench, 34, 700).await;
    let [opened, moved, closed] = NAMES.map(kit::name);
    let never = kit::name("account.never");
    let stream = all[0].stream.clone();
    for except in [
        vec![],
        vec![moved.clone()],
        vec![moved.clone(), opened.clone()],
        vec![never.clone()],
        vec![never.clone(), closed.clone()],
        vec![opened.clone(), moved.clone(), closed.clone()],
    ] {
        for read in [
            Read::all(),
            Read::category(categories(&["account"]).remove(0)),
            Read::categories(categories(&["account", "order"])),
            Read::stream(stream.clone()),
            Read::all().tagged([Tag::new("red").expect("a legal tag")]),
            Read::all().named([opened.clone(), closed.clone(), never.clone()]),
        ] {
            let (plain, read) = (read.clone(), read.except(except.clone()));
            assert_as_by_hand(&store, &all, read, |event| {
                plain.scope.contains(&event.stream)
                    && plain.filter.matches(event)
                    && !except.contains(&event.name)
            })
            .await;
        }
    }
}
