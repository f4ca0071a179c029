//! The cases that the fraud signal has found.

use eventsource_core::EventId;
use eventsource_sqlite::{
    SqliteReadError, SqliteReadModels, SqliteRow, SqliteTypeError, SqliteValue,
};

use super::{Answered, Query, rows};
use crate::{
    account::AccountId,
    read_models::{
        Fraud,
        fraud::rule::{Case, Taken},
    },
};

/// Which accounts were emptied in haste?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FraudCases {
    /// This account alone.
    pub account: Option<AccountId>,
    /// How many cases at the most.
    pub most: u32,
}

/// A case of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudCase {
    /// The account.
    pub account: AccountId,
    /// What made it one.
    pub case: Case,
}

impl Query for FraudCases {
    /// The latest day first, and those of one day by their accounts.
    type Answer = Answered<Vec<FraudCase>>;

    async fn ask(&self, models: &SqliteReadModels) -> Result<Self::Answer, SqliteReadError> {
        // The greater half of the numbers of accounts stands in the column as negative ones.
        let sql = "SELECT account, found, c.came_in, e.version, e.event, e.day, e.haler \
             FROM (SELECT * FROM fraud_cases WHERE ?1 IS NULL OR account = ?1 \
             ORDER BY day DESC, account < 0, account, found DESC LIMIT ?2) c \
             JOIN fraud_events e USING (account, found) \
             ORDER BY c.day DESC, account < 0, account, found DESC, e.version";
        let found = rows::<Fraud, _>(models, sql, (self.account, self.most), event).await?;
        let mut cases: Vec<FraudCase> = Vec::new();
        let mut last = None;
        for Event {
            account,
            found,
            came_in,
            taken,
        } in found.answer
        {
            match cases.last_mut() {
                Some(case) if last == Some((account, found)) => case.case.taken.push(taken),
                _ => {
                    let taken = vec![taken];
                    let case = Case { came_in, taken };
                    cases.push(FraudCase { account, case });
                }
            }
            last = Some((account, found));
        }
        Ok(Answered {
            position: found.position,
            answer: cases,
        })
    }
}

/// An event of a case.
struct Event {
    account: AccountId,
    found: u64,
    came_in: i64,
    taken: Taken,
}

fn event(row: &SqliteRow) -> Result<Event, SqliteReadError> {
    let event: String = row.get("event")?;
    let not_an_id =
        |_| SqliteTypeError::new("the id of an event", &SqliteValue::Text(String::new()));
    Ok(Event {
        account: row.get("account")?,
        found: row.get("found")?,
        came_in: row.get("came_in")?,
        taken: Taken {
            event: event.parse::<EventId>().map_err(not_an_id)?,
            version: row.get("version")?,
            day: row.get("day")?,
            haler: row.get("haler")?,
        },
    })
}
