//! Several store values on one file, in one process.

mod common;

use common::{
    contention::{assert_whole, contend},
    folder, open,
};

#[tokio::test(flavor = "multi_thread")]
async fn store_values_that_append_at_once_lose_nothing_and_leave_no_hole() {
    let (_folder, path) = folder();
    let mut writers = Vec::new();
    for _ in 0..4 {
        let store = open(&path).await;
        writers.push(tokio::spawn(async move { contend(&store).await }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_whole(&path, 4).await;
}
