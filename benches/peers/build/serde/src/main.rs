//! The tiny bank crate with serde alone: what nobody can do without. `build-cost` measures what it costs to build.

use std::{collections::HashMap, error::Error, fmt};

use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct AccountOpened {
    owner: String,
    initial: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct MoneyDeposited {
    amount: i64,
    description: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct MoneyWithdrawn {
    amount: i64,
    description: String,
}

#[derive(Debug)]
enum Refusal {
    NotOpen,
    AlreadyOpen,
    TooLittle { missing: i64 },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpen => f.write_str("the account is not open"),
            Self::AlreadyOpen => f.write_str("the account is open already"),
            Self::TooLittle { missing } => write!(f, "{missing} are missing"),
        }
    }
}

impl Error for Refusal {}

#[derive(Debug, Default)]
struct Account {
    owner: Option<String>,
    balance: i64,
}

enum Command {
    Open { owner: String, initial: i64 },
    Deposit { amount: i64, description: String },
    Withdraw { amount: i64, description: String },
}

type Stored = (&'static str, Vec<u8>);

impl Account {
    fn apply(&mut self, (name, payload): &Stored) -> Result<(), Box<dyn Error>> {
        match *name {
            "account.opened" => {
                let event: AccountOpened = serde_json::from_slice(payload)?;
                self.owner = Some(event.owner);
                self.balance = event.initial;
            }
            "money.deposited" => {
                let event: MoneyDeposited = serde_json::from_slice(payload)?;
                self.balance += event.amount;
            }
            "money.withdrawn" => {
                let event: MoneyWithdrawn = serde_json::from_slice(payload)?;
                self.balance -= event.amount;
            }
            name => return Err(format!("no event named {name}").into()),
        }
        Ok(())
    }

    fn handle(&self, command: Command) -> Result<Stored, Box<dyn Error>> {
        Ok(match command {
            Command::Open { owner, initial } => {
                if self.owner.is_some() {
                    return Err(Refusal::AlreadyOpen.into());
                }
                let event = AccountOpened { owner, initial };
                ("account.opened", serde_json::to_vec(&event)?)
            }
            Command::Deposit {
                amount,
                description,
            } => {
                if self.owner.is_none() {
                    return Err(Refusal::NotOpen.into());
                }
                let event = MoneyDeposited {
                    amount,
                    description,
                };
                ("money.deposited", serde_json::to_vec(&event)?)
            }
            Command::Withdraw {
                amount,
                description,
            } => {
                let missing = amount - self.balance;
                if missing > 0 {
                    return Err(Refusal::TooLittle { missing }.into());
                }
                let event = MoneyWithdrawn {
                    amount,
                    description,
                };
                ("money.withdrawn", serde_json::to_vec(&event)?)
            }
        })
    }
}

#[derive(Default)]
struct Accounts(HashMap<u64, Vec<Stored>>);

impl Accounts {
    fn load(&self, id: u64) -> Result<Account, Box<dyn Error>> {
        let mut account = Account::default();
        for stored in self.0.get(&id).into_iter().flatten() {
            account.apply(stored)?;
        }
        Ok(account)
    }

    fn execute(&mut self, id: u64, command: Command) -> Result<(), Box<dyn Error>> {
        let stored = self.load(id)?.handle(command)?;
        self.0.entry(id).or_default().push(stored);
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut accounts = Accounts::default();
    let (owner, description) = ("Ada".to_owned(), "rent".to_owned());
    accounts.execute(
        1,
        Command::Open {
            owner,
            initial: 100,
        },
    )?;
    let (deposit, withdraw) = (description.clone(), description);
    accounts.execute(
        1,
        Command::Deposit {
            amount: 50,
            description: deposit,
        },
    )?;
    accounts.execute(
        1,
        Command::Withdraw {
            amount: 30,
            description: withdraw,
        },
    )?;
    println!("{}", accounts.load(1)?.balance);
    Ok(())
}
