//! The read models, kept up and asked.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::{path::PathBuf, sync::Arc, time::Duration};

use bank::{
    account::{AccountId, Credit, Open, Withdraw},
    bank::Bank,
    bank_account::{Block, OpenWithOverdraft, WithdrawOrDecline},
    date::Date,
    queries::{
        AccountBalance, AccountsByOwner, Balance, Cursor, FraudCases, Query as _, Standing,
        TransactionsPage,
    },
    read_models::{LEASE, Name, compare, settings, start, start_one},
    report::Sums,
    reversal::Reversal,
};
use eventsource_core::{Actor, Receipt, RunnerHandle, prelude::*};
use eventsource_sqlite::{SqliteReadModels, SqliteStore};

/// Longer than anything here takes, so that a wait that fails says why.
const LONG: Duration = Duration::from_secs(60);

const ACCOUNT: AccountId = AccountId(7);

struct Fixture {
    _folder: tempfile::TempDir,
    path: PathBuf,
    store: SqliteStore,
    bank: Bank,
}

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let bank = Bank::new(Arc::new(store.clone()));
    Fixture {
        _folder: folder,
        path,
        store,
        bank,
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

impl Fixture {
    fn projections(&self) -> RunnerHandle {
        start(&self.store, settings()).unwrap()
    }

    async fn models(&self) -> SqliteReadModels {
        SqliteReadModels::open(&self.path).await.unwrap()
    }

    /// Opens an account for somebody.
    async fn open(&self, account: AccountId, owner: Option<&str>) -> Receipt {
        let context = Context::new().occurred_at(day("2025-01-01").start());
        let context = match owner {
            Some(owner) => context.by(Actor::new(owner).unwrap()),
            None => context,
        };
        let accounts = self.bank.accounts.within(context);
        accounts.execute(&account, Open).await.unwrap()
    }

    async fn credit(&self, on: &str, haler: i64) -> Receipt {
        let context = Context::new().occurred_at(day(on).start());
        let accounts = self.bank.accounts.within(context);
        accounts.execute(&ACCOUNT, Credit { haler }).await.unwrap()
    }

    async fn withdraw(&self, on: &str, haler: i64) -> Receipt {
        let context = Context::new().occurred_at(day(on).start());
        let accounts = self.bank.accounts.within(context);
        let withdraw = WithdrawOrDecline(Withdraw { haler });
        accounts.execute(&ACCOUNT, withdraw).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_executed_is_there_when_it_was_waited_for() {
    let bank = fixture().await;
    let projections = bank.projections();
    let models = bank.models().await;
    bank.open(ACCOUNT, Some("ann")).await;
    for haler in 1..=20 {
        let receipt = bank.credit("2025-01-02", haler).await;
        projections.wait_for(&receipt, LONG).await.unwrap();
        let found = Balance { account: ACCOUNT }.ask(&models).await.unwrap();
        assert!(found.position >= receipt.position());
        assert_eq!(found.answer.unwrap().haler, (1..=haler).sum::<i64>());
    }
    bank.withdraw("2025-01-03", 1_000).await;
    let receipt = bank.bank.accounts.execute(&ACCOUNT, Block).await.unwrap();
    projections.wait_for(&receipt, LONG).await.unwrap();
    let found = Balance { account: ACCOUNT }.ask(&models).await.unwrap();
    let due = AccountBalance {
        account: ACCOUNT,
        owner: Some("ann".to_owned()),
        haler: 210,
        printed: None,
        overdraft: false,
        blocked: true,
        declined: 1,
        moved_on: Some(day("2025-01-02")),
    };
    assert_eq!(found.answer, Some(due));
    let account = AccountId(8);
    let nobody = Balance { account }.ask(&models).await.unwrap();
    assert_eq!(nobody.answer, None);
    // It lists every event of the bank; where the last ones are of no concern, the checkpoint may be kept later.
    let standing = Standing.ask(&models).await.unwrap();
    let [balances, transactions, fraud] = standing.as_slice() else {
        panic!("{standing:?}")
    };
    assert_eq!((balances.position, balances.lag), (receipt.position(), 0));
    assert!(transactions.lag <= 2 && fraud.lag <= 2, "{standing:?}");
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_any_projection_has_run_it_is_said_that_nothing_is_built() {
    let bank = fixture().await;
    bank.open(ACCOUNT, None).await;
    let standing = Standing.ask(&bank.models().await).await.unwrap();
    for one in standing {
        assert!(!one.is_built && one.lag == 1, "{one:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_found_by_who_opened_them_page_by_page() {
    let bank = fixture().await;
    let projections = bank.projections();
    for (account, owner) in [
        (1, Some("ann")),
        (2, None),
        (3, Some("bob")),
        // Numbers that no column has as they are.
        (u64::MAX, Some("ann")),
        (u64::MAX - 1, Some("ann")),
        (4, Some("ann")),
    ] {
        bank.open(AccountId(account), owner).await;
    }
    let account = AccountId(5);
    let last = bank.bank.accounts.execute(&account, OpenWithOverdraft);
    projections
        .wait_for(&last.await.unwrap(), LONG)
        .await
        .unwrap();
    let models = bank.models().await;
    let ask = async |owner: Option<&str>, after: Option<u64>, most| {
        let query = AccountsByOwner {
            owner: owner.map(|owner| Actor::new(owner).unwrap()),
            after: after.map(AccountId),
            most,
        };
        let found = query.ask(&models).await.unwrap().answer;
        found.iter().map(|one| one.account.0).collect::<Vec<_>>()
    };
    assert_eq!(ask(None, None, 9).await, [2, 5]);
    assert_eq!(ask(Some("bob"), None, 9).await, [3]);
    assert_eq!(ask(Some("eve"), None, 9).await, [0; 0]);
    let mut all = Vec::new();
    while let [next] = ask(Some("ann"), all.last().copied(), 1).await[..] {
        all.push(next);
    }
    assert_eq!(all, [1, 4, u64::MAX - 1, u64::MAX]);
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_one_another_whatever_happens_meanwhile() {
    let bank = fixture().await;
    let projections = bank.projections();
    bank.open(ACCOUNT, None).await;
    let mut last = bank.credit("2025-01-02", 1).await;
    for haler in 2..=10 {
        last = bank.credit("2025-01-02", haler).await;
    }
    projections.wait_for(&last, LONG).await.unwrap();
    let models = bank.models().await;
    let page = async |after: Option<Cursor>| {
        let account = ACCOUNT;
        let query = TransactionsPage {
            account,
            after,
            most: 4,
        };
        let page = query.ask(&models).await.unwrap().answer;
        let haler = page.transactions.iter().map(|one| one.haler);
        (haler.collect::<Vec<_>>(), page.next)
    };
    let (first, next) = page(None).await;
    assert_eq!(first, [10, 9, 8, 7]);
    let undone = bank
        .store
        .last(eventsource_core::Read::all())
        .await
        .unwrap();
    let undo = Reversal::of(&undone.unwrap()).unwrap();
    let receipt = undo.execute(&bank.bank, Context::new()).await.unwrap();
    projections.wait_for(&receipt, LONG).await.unwrap();
    let (second, next) = page(next).await;
    assert_eq!(second, [6, 5, 4, 3]);
    let (third, next) = page(next).await;
    assert_eq!((third.as_slice(), next), (&[2, 1][..], None));
    let (first, _) = page(None).await;
    assert_eq!(first, [-10, 10, 9, 8]);
    projections.stop().await;
}

/// What the rule has to know is in the tables: no batch and no process has all of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_found_once_over_batches_and_restarts_and_rebuilt_as_it_was() {
    let bank = fixture().await;
    bank.open(ACCOUNT, None).await;
    bank.credit("2025-02-01", 900).await;
    let models = bank.models().await;
    for (on, haler) in [
        ("2025-02-20", 150),
        ("2025-02-25", 100),
        ("2025-02-28", 100),
        ("2025-03-03", 101),
        ("2025-03-04", 100),
    ] {
        let receipt = bank.withdraw(on, haler).await;
        let runner = start(&bank.store, settings().with_batch(1)).unwrap();
        runner.wait_for(&receipt, LONG).await.unwrap();
        runner.stop().await;
    }
    let ask = async || {
        let query = FraudCases {
            account: Some(ACCOUNT),
            most: 9,
        };
        query.ask(&models).await.unwrap().answer
    };
    let cases = ask().await;
    let [case] = cases.as_slice() else {
        panic!("{cases:?}")
    };
    let haler: Vec<i64> = case.case.taken.iter().map(|one| one.haler).collect();
    assert_eq!(
        (case.case.came_in, haler.as_slice()),
        (900, &[100, 100, 101][..])
    );
    let runner = start_one(&bank.store, Name::Fraud, settings()).unwrap();
    // It has to be running to be rebuilt.
    let last = bank.credit("2025-03-05", 1).await;
    runner.wait_for(&last, LONG).await.unwrap();
    runner.rebuild(Name::Fraud.as_str()).await.unwrap();
    assert_eq!(ask().await, cases);
    runner.stop().await;
}

/// The tables give the rule what it has to know, whatever the order of the days.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_found_among_withdrawals_that_are_stored_in_any_order_of_days() {
    let bank = fixture().await;
    bank.open(ACCOUNT, None).await;
    bank.credit("2025-02-01", 90).await;
    // Of these no three are within seven days.
    for on in ["2025-03-02", "2025-03-09", "2025-01-02"] {
        bank.withdraw(on, 10).await;
    }
    // It would be a third one later, and is undone.
    bank.withdraw("2025-03-03", 10).await;
    let undone = bank.store.last(eventsource_core::Read::all()).await;
    let undo = Reversal::of(&undone.unwrap().unwrap()).unwrap();
    undo.execute(&bank.bank, Context::new()).await.unwrap();
    bank.withdraw("2025-02-24", 10).await;
    let last = bank.withdraw("2025-02-26", 11).await;
    let runner = start(&bank.store, settings().with_batch(1)).unwrap();
    runner.wait_for(&last, LONG).await.unwrap();
    runner.stop().await;
    let models = bank.models().await;
    let account = Some(ACCOUNT);
    let cases = FraudCases { account, most: 9 }.ask(&models).await.unwrap();
    let days = |case: &bank::queries::FraudCase| {
        let taken = case.case.taken.iter();
        taken.map(|one| one.day.to_string()).collect::<Vec<_>>()
    };
    let days: Vec<_> = cases.answer.iter().map(days).collect();
    assert_eq!(days, [["2025-03-02", "2025-02-24", "2025-02-26"]]);
    let sums = Sums::now(&bank.bank).await.unwrap();
    assert_eq!(compare(&bank.bank, &models, &sums).await.unwrap().cases, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cases_of_one_day_come_by_the_numbers_of_their_accounts() {
    let bank = fixture().await;
    let numbers = [u64::MAX, 2, 1];
    let mut last = None;
    for account in numbers.map(AccountId) {
        bank.open(account, None).await;
        let context = Context::new().occurred_at(day("2025-02-02").start());
        let accounts = bank.bank.accounts.within(context);
        let credit = Credit { haler: 90 };
        accounts.execute(&account, credit).await.unwrap();
        for haler in [10, 10, 11] {
            let withdraw = WithdrawOrDecline(Withdraw { haler });
            last = Some(accounts.execute(&account, withdraw).await.unwrap());
        }
    }
    let projections = bank.projections();
    projections.wait_for(&last.unwrap(), LONG).await.unwrap();
    let models = bank.models().await;
    let ask = async |most| {
        let account = None;
        let found = FraudCases { account, most }.ask(&models).await.unwrap();
        let found = found.answer.iter().map(|found| found.account.0);
        found.collect::<Vec<_>>()
    };
    assert_eq!(ask(9).await, [1, 2, u64::MAX]);
    assert_eq!(ask(2).await, [1, 2]);
    projections.stop().await;
}

/// Something is wrong in one of the tables, and the comparison at the end of a run says so.
#[tokio::test(flavor = "multi_thread")]
async fn the_comparison_with_the_store_finds_each_table_that_differs() {
    let balance = "the balance is";
    let transaction = "the transaction is";
    for (harm, found) in [
        ("UPDATE balances__g1 SET haler = haler + 1", balance),
        ("UPDATE balances__g1 SET owner = 'eve'", balance),
        ("UPDATE balances__g1 SET moved_on = '2025-02-01'", balance),
        ("DELETE FROM balances__g1", "there is no balance"),
        (
            "INSERT INTO balances__g1 SELECT 8, owner, haler, printed, overdraft, blocked, declined, moved_on \
             FROM balances__g1",
            "there are 2 balances",
        ),
        (
            "UPDATE transactions__g1 SET balance = balance + 1 WHERE haler < 0",
            transaction,
        ),
        // The same sum of other amounts.
        (
            "UPDATE transactions__g1 SET haler = haler + iif(version = 2, 1, -1), \
             balance = balance + iif(version = 2, 1, 0) WHERE version IN (2, 3)",
            transaction,
        ),
        (
            "UPDATE transactions__g1 SET version = version + 100 WHERE version = 6",
            transaction,
        ),
        (
            "UPDATE transactions__g1 SET day = '2025-01-31' WHERE version = 2",
            transaction,
        ),
        ("UPDATE transactions__g1 SET kind = 'reversal'", transaction),
        ("UPDATE transactions__g1 SET trans_id = 1", transaction),
        ("UPDATE transactions__g1 SET operation = 'x'", transaction),
        ("UPDATE transactions__g1 SET k_symbol = 'x'", transaction),
        ("UPDATE transactions__g1 SET printed = 0", transaction),
        (
            "DELETE FROM transactions__g1 WHERE haler < 0",
            "it has 1 transactions, and not 5",
        ),
        (
            "INSERT INTO transactions__g1 (account, version, day, kind, haler, balance) \
             SELECT 8, version, day, kind, haler, balance FROM transactions__g1 WHERE version = 2",
            "there are 6 transactions",
        ),
        ("DELETE FROM fraud_cases__g1", "the cases are"),
        (
            "UPDATE fraud_events__g1 SET haler = haler + 1",
            "the cases are",
        ),
    ] {
        let bank = fixture().await;
        let projections = bank.projections();
        bank.open(ACCOUNT, None).await;
        bank.credit("2025-02-01", 90).await;
        for haler in [10, 10, 10] {
            bank.withdraw("2025-02-02", haler).await;
        }
        let last = bank.withdraw("2025-02-02", 11).await;
        projections.wait_for(&last, LONG).await.unwrap();
        projections.stop().await;
        let models = bank.models().await;
        let sums = Sums::now(&bank.bank).await.unwrap();
        let same = compare(&bank.bank, &models, &sums).await.unwrap();
        assert_eq!((same.balances, same.transactions, same.cases), (1, 5, 1));
        let raw = rusqlite::Connection::open(&bank.path).unwrap();
        assert!(raw.execute(harm, ()).unwrap() > 0, "{harm}");
        let differs = compare(&bank.bank, &models, &sums).await;
        let said = differs.map_err(|error| format!("{error:#}"));
        let said = said.expect_err(harm);
        assert!(said.contains(found), "{harm}: {said}");
    }
}

#[test]
fn the_names_on_the_command_line_are_those_of_the_projections() {
    use clap::ValueEnum as _;
    for name in Name::value_variants() {
        let value = name.to_possible_value().unwrap();
        assert_eq!(value.get_name(), name.as_str());
    }
    assert_eq!(settings().lease, LEASE);
}
