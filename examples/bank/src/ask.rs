//! Queries to the read models, from the command line. No store is opened for them.

use std::{io::Write, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use eventsource_core::{Actor, Position};
use eventsource_sqlite::{SqliteReadError, SqliteReadModels};

use crate::{
    account::AccountId,
    queries::{
        AccountBalance, AccountsByOwner, Answered, Balance, Cursor, FraudCases, Query as _,
        Standing, Transaction, TransactionsPage,
    },
};

/// What the read models are asked.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Ask {
    /// Print the balance of an account
    Balance {
        /// The account
        #[arg(long, value_name = "NUMBER")]
        account: u64,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Print the transactions of an account, the newest first, page by page
    Transactions {
        /// The account
        #[arg(long, value_name = "NUMBER")]
        account: u64,
        /// The cursor that stands below the page before
        #[arg(long, value_name = "CURSOR")]
        after: Option<Cursor>,
        /// How many
        #[command(flatten)]
        most: Most,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Print the accounts of an owner, who is whoever opened them; a ledger names nobody
    Owner {
        /// The owner; without one, the accounts that have none
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// The last account of the page before
        #[arg(long, value_name = "NUMBER")]
        after: Option<u64>,
        /// How many
        #[command(flatten)]
        most: Most,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Print the accounts that were emptied in haste: three or more withdrawals within seven days that took more than a
    /// third of all that had come in
    Fraud {
        /// This account alone
        #[arg(long, value_name = "NUMBER")]
        account: Option<u64>,
        /// How many
        #[command(flatten)]
        most: Most,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Print how far the read models are
    Projections {
        /// Where
        #[command(flatten)]
        place: Place,
    },
}

/// Where the read models are.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Place {
    /// The database
    #[arg(long, value_name = "PATH", default_value = "bank.db")]
    pub db: PathBuf,
}

/// How long an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args)]
pub struct Most {
    /// How many lines at the most
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub most: u32,
}

impl Ask {
    /// Where the read models are.
    pub fn place(&self) -> &Place {
        match self {
            Self::Balance { place, .. }
            | Self::Transactions { place, .. }
            | Self::Owner { place, .. }
            | Self::Fraud { place, .. }
            | Self::Projections { place } => place,
        }
    }
}

/// Prints the answer to a query.
///
/// # Errors
///
/// When there are no read models, or there is no such account.
pub async fn ask(query: &Ask, out: &mut (impl Write + Send)) -> Result<()> {
    let path = &query.place().db;
    let models = SqliteReadModels::open(path).await;
    let models =
        models.with_context(|| format!("the read models in {} cannot be read", path.display()))?;
    match query {
        Ask::Balance { account, .. } => {
            let account = AccountId(*account);
            let (balance, position) = balance(&models, account).await?;
            writeln!(out, "{}, {position}", balance_of(&balance))?;
        }
        Ask::Transactions {
            account,
            after,
            most,
            ..
        } => {
            let account = AccountId(*account);
            let after = after.map(|cursor| cursor.of(account)).transpose()?;
            let most = most.most;
            let page = TransactionsPage {
                account,
                after,
                most,
            };
            let found = page.ask(&models).await?;
            // Nothing has moved on it, or it is not there.
            let doubt = match found.answer.transactions.as_slice() {
                [] => doubt(&models, account).await?,
                _ => None,
            };
            let position = as_of(found.position);
            writeln!(
                out,
                "transactions of account {}, in haler, {position}:",
                account.0
            )?;
            for transaction in &found.answer.transactions {
                writeln!(out, "  {}", transaction_of(transaction))?;
            }
            match found.answer.next {
                Some(next) => writeln!(out, "more: --after {next}")?,
                None => writeln!(out, "no more")?,
            }
            if let Some(doubt) = doubt {
                writeln!(out, "{doubt}")?;
            }
        }
        Ask::Owner {
            name, after, most, ..
        } => {
            let owner = name.as_ref().map(Actor::new).transpose()?;
            let after = after.map(AccountId);
            let most = most.most;
            let found = AccountsByOwner { owner, after, most }.ask(&models).await?;
            let name = name.as_deref().unwrap_or("nobody");
            writeln!(out, "accounts of {name}, {}:", as_of(found.position))?;
            for balance in &found.answer {
                writeln!(out, "  {}", balance_of(balance))?;
            }
        }
        Ask::Fraud { account, most, .. } => fraud(&models, *account, most.most, out).await?,
        Ask::Projections { .. } => {
            for one in Standing.ask(&models).await? {
                let (name, position) = (&one.name, as_of(one.position));
                if one.is_built {
                    writeln!(out, "{name} {position}, {} behind", one.lag)?;
                } else {
                    writeln!(out, "{name} is not built: run `bank projections run`")?;
                }
            }
        }
    }
    Ok(())
}

/// The balance of an account that has to be there, and as of when.
async fn balance(
    models: &SqliteReadModels,
    account: AccountId,
) -> Result<(AccountBalance, String)> {
    has_balance(account, Balance { account }.ask(models).await?)
}

fn has_balance(
    account: AccountId,
    found: Answered<Option<AccountBalance>>,
) -> Result<(AccountBalance, String)> {
    let position = as_of(found.position);
    match found.answer {
        Some(balance) => Ok((balance, position)),
        None => bail!("there is no account {} {position}", account.0),
    }
}

/// What is not known of an account that has no transactions: nothing, where it is there; whether it is, where `balances` cannot
/// say it yet. That one is built apart from the read model that has answered.
async fn doubt(models: &SqliteReadModels, account: AccountId) -> Result<Option<String>> {
    match (Balance { account }).ask(models).await {
        Err(SqliteReadError::NoProjection { projection }) => Ok(Some(format!(
            "`{projection}`, which would say whether there is such an account, is not built"
        ))),
        found => has_balance(account, found?).map(|_| None),
    }
}

async fn fraud(
    models: &SqliteReadModels,
    account: Option<u64>,
    most: u32,
    out: &mut (impl Write + Send),
) -> Result<()> {
    let account = account.map(AccountId);
    let found = FraudCases { account, most }.ask(models).await?;
    writeln!(out, "cases, in haler, {}:", as_of(found.position))?;
    for case in &found.answer {
        let (account, case) = (case.account.0, &case.case);
        let taken = case.taken.iter();
        let taken: Vec<String> = taken
            .map(|one| format!("{} on {} (v{})", one.haler, one.day, one.version))
            .collect();
        let (came_in, taken) = (case.came_in, taken.join(", "));
        writeln!(
            out,
            "  account {account}: {taken}, of {came_in} that had come in"
        )?;
    }
    Ok(())
}

fn as_of(position: Option<Position>) -> String {
    position.map_or_else(
        || "before the first event".to_owned(),
        |position| format!("as of position {position}"),
    )
}

fn balance_of(balance: &AccountBalance) -> String {
    let mut text = format!(
        "account {}: balance {} haler",
        balance.account.0, balance.haler
    );
    let mut add = |part: String| {
        text.push_str(", ");
        text.push_str(&part);
    };
    if let Some(printed) = balance.printed {
        add(format!("printed {printed}"));
    }
    if let Some(day) = balance.moved_on {
        add(format!("last movement {day}"));
    }
    if let Some(owner) = &balance.owner {
        add(format!("owner {owner}"));
    }
    if balance.blocked {
        add("blocked".to_owned());
    }
    if balance.declined > 0 {
        add(format!("{} withdrawals declined", balance.declined));
    }
    text
}

fn transaction_of(transaction: &Transaction) -> String {
    let Transaction {
        version,
        day,
        kind,
        haler,
        balance,
        ..
    } = transaction;
    let mut text = format!("v{version} {day} {kind}");
    let words = [&transaction.operation, &transaction.k_symbol];
    for word in words.into_iter().flatten().filter(|word| !word.is_empty()) {
        text = format!("{text} {word}");
    }
    text = format!("{text} {haler:+}, balance {balance}");
    if let Some(printed) = transaction.printed {
        text = format!("{text}, printed {printed}");
    }
    text
}
