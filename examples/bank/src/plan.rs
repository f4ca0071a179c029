//! The seeded bank: what its customers ask for, drawn by chance, the same for the same numbers.
//!
//! While it draws, it keeps its own books in plain integers. They share no code with the accounts, so that the two can
//! be compared.

use std::{collections::BTreeMap, fmt};

use eventsource_core::Timestamp;

use crate::{account::AccountId, date::Date, source::Origin};

/// By which rules the bank is drawn; a change of them draws another bank, and needs another number.
const RULES: u32 = 2;

/// The moment at which the accounts are opened, and the days up to which sums are compared.
const BEGIN: &str = "2025-01-01";
const DAYS: [&str; 5] = [
    "2025-03-31",
    "2025-06-30",
    "2025-09-30",
    "2025-11-30",
    "2025-12-31",
];
const YEAR_MICROS: u64 = 365 * 86_400 * 1_000_000;

/// How large a bank is drawn, and what chance begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// What chance begins with.
    pub seed: u64,
    /// How many accounts; at least one.
    pub accounts: u64,
    /// How many commands.
    pub commands: u64,
}

/// What a customer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Put so many haler in.
    Credit(i64),
    /// Take so many haler out; it may be declined.
    Withdraw(i64),
    /// Undo what the order of this number did.
    Reverse(u64),
    /// Refuse withdrawals from now on.
    Block,
    /// Allow them again.
    Unblock,
}

/// One order, for one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The number of the order in the whole bank, from 1.
    pub number: u64,
    /// When it is given.
    pub at: Timestamp,
    /// What is asked for.
    pub order: Order,
}

/// The books of one account, kept apart from the framework.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// The balance, in haler.
    pub balance: i64,
    /// Whether withdrawals are refused.
    pub blocked: bool,
    /// How many withdrawals were declined.
    pub declined: u64,
    /// How many movements were reversed.
    pub reversed: u64,
    /// How many events the account has: one for its opening, and one for each order.
    pub events: u64,
    /// The movements that can still be reversed: the number of the order, and what it did to the balance.
    movements: Vec<(u64, i64)>,
}

/// A bank as it is drawn.
#[derive(Clone)]
pub struct Plan {
    /// How large it is.
    pub size: Size,
    /// The orders of each account, in order.
    pub steps: BTreeMap<AccountId, Vec<Step>>,
    /// The books of each account after the last order.
    pub books: BTreeMap<AccountId, Book>,
    /// The sum of all balances at the end of some days.
    pub sums: Vec<(Date, i64)>,
}

impl Plan {
    /// Draws a bank.
    ///
    /// # Panics
    ///
    /// Without accounts, since nobody could order anything.
    pub fn draw(size: Size) -> Self {
        assert!(size.accounts > 0, "a bank has at least one account");
        let mut chance = Chance(size.seed);
        let mut plan = Self {
            size,
            steps: BTreeMap::new(),
            books: BTreeMap::new(),
            sums: Vec::new(),
        };
        for account in (1..=size.accounts).map(AccountId) {
            plan.steps.insert(account, Vec::new());
            let opened = Book {
                events: 1,
                ..Book::default()
            };
            plan.books.insert(account, opened);
        }
        let (mut sum, mut days) = (0, DAYS.iter().map(|day| date(day)).peekable());
        for number in 1..=size.commands {
            let at = moment(number, size.commands);
            while let Some(day) = days.next_if(|day| day.end() < at) {
                plan.sums.push((day, sum));
            }
            let account = AccountId(1 + chance.below(size.accounts));
            let book = plan.books.entry(account).or_default();
            let before = book.balance;
            let order = book.draw(&mut chance);
            book.keep(number, order);
            sum += book.balance - before;
            let step = Step { number, at, order };
            plan.steps.entry(account).or_default().push(step);
        }
        plan.sums.extend(days.map(|day| (day, sum)));
        plan
    }

    /// What the bank's database is begun from.
    pub fn origin(&self) -> Origin {
        let Size {
            seed,
            accounts,
            commands,
        } = self.size;
        Origin::Seeded {
            rules: RULES,
            seed,
            accounts,
            commands,
        }
    }

    /// Which customer opens an account: every second one of them has two.
    pub fn customer(account: AccountId) -> String {
        let number = (u128::from(account.0) * 2).div_ceil(3);
        format!("customer-{number}")
    }

    /// When the accounts are opened.
    pub fn begin() -> Timestamp {
        date(BEGIN).start()
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Book {
    /// The next order. Withdrawals are drawn without a look at the balance, so some are declined. The other orders make
    /// sense: what the bank would refuse without an event would be asked again by the next run.
    fn draw(&self, chance: &mut Chance) -> Order {
        match chance.below(100) {
            0..48 => Order::Credit(chance.amount()),
            48..93 => Order::Withdraw(chance.amount()),
            93..97 => {
                let candidates = self.movements.iter().rev().take(8);
                let reversible = candidates.filter(|(_, change)| self.balance >= *change);
                let reversible: Vec<u64> = reversible.map(|(number, _)| *number).collect();
                match chance.of(&reversible) {
                    Some(number) => Order::Reverse(*number),
                    None => Order::Credit(chance.amount()),
                }
            }
            _ if self.blocked => Order::Unblock,
            97 => Order::Block,
            _ => Order::Credit(chance.amount()),
        }
    }

    /// Keeps the books.
    fn keep(&mut self, number: u64, order: Order) {
        self.events += 1;
        let change = match order {
            Order::Credit(haler) => haler,
            Order::Withdraw(haler) if !self.blocked && haler <= self.balance => -haler,
            Order::Withdraw(_) => {
                self.declined += 1;
                return;
            }
            Order::Reverse(of) => {
                let at = self.movements.iter().position(|(number, _)| *number == of);
                let (_, change) = self.movements.remove(at.expect("it was drawn from these"));
                self.balance -= change;
                self.reversed += 1;
                return;
            }
            Order::Block | Order::Unblock => {
                self.blocked = order == Order::Block;
                return;
            }
        };
        self.balance += change;
        self.movements.push((number, change));
    }
}

/// The orders are spread evenly over the year.
fn moment(number: u64, of: u64) -> Timestamp {
    let micros = YEAR_MICROS / (of + 1) * number;
    Plan::begin().saturating_add_micros(i64::try_from(micros).expect("within a year"))
}

fn date(text: &str) -> Date {
    text.parse().expect("the dates of this file are dates")
}

/// The generator `SplitMix64`: a few lines, and the same numbers on every machine and in every version of this program.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`. What the remainder favours is far less than this bank can show.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// From 1.00 to 5,000.00 crowns.
    fn amount(&mut self) -> i64 {
        100 + i64::try_from(self.below(499_901)).expect("less than a million")
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        match items.len() as u64 {
            0 => None,
            many => items.get(usize::try_from(self.below(many)).ok()?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_numbers_draw_the_same_bank_and_another_seed_another_one() {
        let size = Size {
            seed: 1,
            accounts: 10,
            commands: 1_000,
        };
        let (one, same) = (Plan::draw(size), Plan::draw(size));
        assert_eq!(
            (&one.steps, &one.books, &one.sums),
            (&same.steps, &same.books, &same.sums)
        );
        let other = Plan::draw(Size { seed: 2, ..size });
        assert_ne!(one.steps, other.steps);
        let orders: Vec<Order> = one
            .steps
            .values()
            .flatten()
            .map(|step| step.order)
            .collect();
        assert_eq!(orders.len(), 1_000);
        for some in [Order::Block, Order::Unblock] {
            assert!(orders.contains(&some), "{some:?}");
        }
        assert!(
            orders
                .iter()
                .any(|order| matches!(order, Order::Reverse(_)))
        );
        assert!(one.books.values().any(|book| book.declined > 0));
    }
}
