//! The names that no table of a read model may have, and what would come of one that had.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use common::{event, folder, one, open, stream};
use eventsource_core::{
    Append, Build, EventStore, EventStoreExt, Expected, Fingerprint, ProjectionName,
    ProjectionStore, ProjectionStoreError, Tag,
    projection::{Index, Table},
};
use rusqlite::Connection;

#[tokio::test]
async fn a_name_that_the_store_needs_now_or_later_is_refused_and_every_append_goes_on() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(one("a")).await.unwrap();
    for table in [
        "json_each",
        "JSON_Each",
        "json_tree",
        "jsonb_each",
        "jsonb_tree",
        "pragma_foreign_key_list",
        "Pragma_table_info",
        "eventsource_outbox",
        "EventSource_x",
    ] {
        let name = ProjectionName::new("mine").unwrap();
        let tables = [Table::new(table, "a")];
        let build = Build::new(name, (1, Fingerprint::new(1))).with_tables(tables);
        let begun = store.begin_generation(build.live()).await;
        let Err(ProjectionStoreError::Table { table: named, .. }) = begun else {
            panic!("{table}: {begun:?}");
        };
        assert_eq!(named, table);
    }
    store.append(tagged()).await.unwrap();
    assert_eq!(store.read_all().await.unwrap().len(), 2);
}

fn tagged() -> Append {
    let mut tagged = event(1);
    tagged.tags = [Tag::new("t").unwrap()].into();
    Append::to(stream("a"), Expected::Any, [tagged])
}

/// A projection with one table, which is read.
async fn mine(store: &impl ProjectionStore, table: Table) -> ProjectionName {
    let name = ProjectionName::new("mine").unwrap();
    let build = Build::new(name.clone(), (1, Fingerprint::new(1))).with_tables([table]);
    store.begin_generation(build.live()).await.unwrap();
    name
}

#[tokio::test]
async fn an_index_has_a_name_that_no_table_may_have() {
    const TABLE: Table = Table::new("mine", "a, b, c").with_indexes(&[
        Index::new("json_each", "a"),
        Index::new("eventsource_x", "b"),
        Index::new("pragma_x", "c"),
    ]);
    let (_folder, path) = folder();
    let store = open(&path).await;
    let name = mine(&store, TABLE).await;
    store.append(tagged()).await.unwrap();
    store.delete_projection(&name, None).await.unwrap();
}

#[tokio::test]
async fn what_was_made_under_a_name_that_is_refused_by_now_can_be_deleted() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let name = mine(&store, Table::new("mine", "a")).await;
    let raw = Connection::open(&path).unwrap();
    for table in ["json_each", "eventsource_x", "pragma_x"] {
        raw.execute_batch(&format!(
            "INSERT INTO projection_tables VALUES ('mine', 1, '{table}');
             CREATE TABLE {table}__g1 (a); CREATE VIEW {table} AS SELECT * FROM {table}__g1;"
        ))
        .unwrap();
    }
    let refused = store.append(tagged()).await;
    assert!(refused.is_err(), "the view is in the way: {refused:?}");
    store.delete_projection(&name, None).await.unwrap();
    store.append(tagged()).await.unwrap();
    let left = "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%json_each%' OR name LIKE '%!_x%' ESCAPE '!'";
    let left: u32 = raw.query_row(left, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}
