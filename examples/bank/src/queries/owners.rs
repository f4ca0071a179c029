//! The accounts of an owner.

use eventsource_core::Actor;
use eventsource_sqlite::{SqliteReadError, SqliteReadModels};

use super::{AccountBalance, Answered, Query, balance::balance, rows};
use crate::{account::AccountId, read_models::Balances};

/// Which accounts has this owner?
///
/// The owner of an account is whoever opened it: the actor in the envelope of that event. A ledger names nobody, so its
/// accounts have no owner, and are found as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountsByOwner {
    /// The owner; `None` for the accounts that have none.
    pub owner: Option<Actor>,
    /// Those with a greater number than this one.
    pub after: Option<AccountId>,
    /// How many at the most.
    pub most: u32,
}

impl Query for AccountsByOwner {
    /// In the order of their numbers.
    type Answer = Answered<Vec<AccountBalance>>;

    async fn ask(&self, models: &SqliteReadModels) -> Result<Self::Answer, SqliteReadError> {
        // The greater half of the numbers stands in the column as negative ones.
        let sql = "SELECT * FROM balances WHERE owner IS ?1 \
             AND (?2 IS NULL OR (account < 0, account) > (?2 < 0, ?2)) \
             ORDER BY account < 0, account LIMIT ?3";
        let owner = self.owner.as_ref().map(ToString::to_string);
        let params = (owner, self.after, self.most);
        rows::<Balances, _>(models, sql, params, balance).await
    }
}
