//! What can be asked of the read models. Each query is a type, and is answered from [`SqliteReadModels`] and nothing
//! else: no answer can see an event, whatever it tries.

mod balance;
mod fraud;
mod owners;
mod standing;
mod transactions;

use std::future::Future;

use eventsource_core::{Position, Projection, ProjectionName};
use eventsource_sqlite::{SqliteParams, SqliteReadError, SqliteReadModels, SqliteRow};

pub use self::{
    balance::{AccountBalance, Balance},
    fraud::{FraudCase, FraudCases},
    owners::AccountsByOwner,
    standing::{ProjectionStanding, Standing},
    transactions::{Cursor, CursorError, Page, Transaction, TransactionsPage},
};

/// A query to the read models.
pub trait Query {
    /// What is answered.
    type Answer;

    /// Asks it.
    fn ask(
        &self,
        models: &SqliteReadModels,
    ) -> impl Future<Output = Result<Self::Answer, SqliteReadError>> + Send;
}

/// An answer as of a position: it has in it every event up to there, and none that comes later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered<T> {
    /// The position; `None` before the first event.
    pub position: Option<Position>,
    /// The answer.
    pub answer: T,
}

/// The name under which a projection's read model is kept.
fn name_of<P: Projection>() -> ProjectionName {
    ProjectionName::new(P::NAME).expect("the derive has checked it")
}

/// The rows of an answer and the position of the projection that they are from, of one moment.
async fn rows<P: Projection, T>(
    models: &SqliteReadModels,
    sql: &str,
    params: impl SqliteParams + Send,
    row: impl Fn(&SqliteRow) -> Result<T, SqliteReadError> + Send,
) -> Result<Answered<Vec<T>>, SqliteReadError> {
    let found = models.query_as_of(&name_of::<P>(), sql, params).await?;
    Ok(Answered {
        position: found.position,
        answer: found.answer.iter().map(row).collect::<Result<_, _>>()?,
    })
}
