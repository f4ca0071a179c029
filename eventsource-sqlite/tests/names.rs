//! The names that no table of a read model may have, and what would come of one that had.

mod common;

use common::{event, folder, one, open, stream};
use eventsource_core::{
    Append, Build, EventStore, EventStoreExt, Expected, Fingerprint, ProjectionName,
    ProjectionStore, ProjectionStoreError, Tag, projection::Table,
};

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
    let mut tagged = event(1);
    tagged.tags = [Tag::new("t").unwrap()].into();
    let append = Append::to(stream("a"), Expected::Exists, [tagged]);
    store.append(append).await.unwrap();
    assert_eq!(store.read_all().await.unwrap().len(), 2);
}
