//! Read models beside the events: written by the thread that writes.

use eventsource_core::{Advance, AdvanceError, ReadModelWork, TransactionalStore, async_trait};

use crate::{store::SqliteStore, tx::SqliteTx};

/// The work is done on the thread that writes, while everybody who appends waits. It comes after the appends that wait, in
/// the same transaction, so that they share one `fsync`. As long as a transaction has taken less than a millisecond, the
/// next work joins it; what then still waits lets the next appends go first. So an append waits for one long work that is
/// under way, and for one of its own transaction: keep batches to what is done in the time that an append may wait.
#[async_trait]
impl TransactionalStore for SqliteStore {
    type Tx = SqliteTx;

    async fn advance_in(
        &self,
        advance: Advance,
        work: ReadModelWork<SqliteTx>,
    ) -> Result<(), AdvanceError> {
        self.writer().advance_in(advance, work).await
    }
}
