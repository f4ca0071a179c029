//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::{ask::Ask, check, date::Date, ledger, plan::Size, point::Point, project::Projections};

/// The arguments with which no seeded bank is run.
const NOT_SEEDED: [&str; 4] = ["ledger", "account", "as_of", "check"];

/// A bank is drawn in memory before it is run, so that more accounts or commands are a mistake.
const LARGEST: u64 = 10_000_000;

/// A bank on event sourcing.
///
/// With nothing else it runs a bank that is drawn by chance, always the same one, on an SQLite file, and checks it from
/// the store. Read models are kept up beside it in the same file. Run again, or killed and run again, it goes on where it
/// was and stores nothing twice. All amounts are integers of haler; 100 haler are 1 CZK.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "bank",
    args_conflicts_with_subcommands = true,
    after_long_help = [ledger::FORM, "\n\n", check::FORM].concat()
)]
pub struct Cli {
    /// What to do with an existing database
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Import a ledger in place of running the seeded bank; its form is described below
    #[arg(long, value_name = "FILE", conflicts_with_all = ["account", "export"])]
    pub ledger: Option<PathBuf>,
    /// Write the seeded bank's movements as a ledger, to a file that does not exist yet
    #[arg(long, value_name = "FILE", conflicts_with_all = ["account", "check"])]
    pub export: Option<PathBuf>,
    /// Compare sums as of some days with those of a file, in an existing database or after --ledger; its form is
    /// described below
    #[arg(long, value_name = "FILE", conflicts_with = "account")]
    pub check: Option<PathBuf>,
    /// Print the statement of an account of an existing database
    #[arg(long, value_name = "NUMBER")]
    pub account: Option<u64>,
    /// Print a past balance of an existing database: of the account, or of the bank; the day is included, UTC
    #[arg(long, value_name = "DATE", conflicts_with_all = ["ledger", "export", "check"])]
    pub as_of: Option<Date>,
    /// The database [default: bank.db, with --ledger ledger.db]
    #[arg(long, value_name = "PATH", conflicts_with = "memory")]
    pub db: Option<PathBuf>,
    /// Keep everything in memory, without a database
    #[arg(long, conflicts_with_all = ["account", "as_of"])]
    pub memory: bool,
    /// What the seeded bank is drawn from
    #[arg(long, default_value_t = 42, conflicts_with_all = NOT_SEEDED)]
    pub seed: u64,
    /// How many accounts the seeded bank has
    #[arg(long, default_value_t = 1_000, conflicts_with_all = NOT_SEEDED, value_parser = clap::value_parser!(u64).range(1..=LARGEST))]
    pub accounts: u64,
    /// How many commands the seeded bank runs
    #[arg(long, default_value_t = 50_000, conflicts_with_all = NOT_SEEDED, value_parser = clap::value_parser!(u64).range(..=LARGEST))]
    pub commands: u64,
    /// With --ledger: write the `trans_id` of each row to stdout, one per line, once its receipt is there
    #[arg(long, requires = "ledger")]
    pub receipts: bool,
    /// Leave the read models to another process: see `bank projections run`
    #[arg(long, conflicts_with_all = ["account", "as_of", "memory"])]
    pub no_projections: bool,
}

/// What is done with an existing database.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Its events are asked.
    #[command(flatten)]
    Question(Question),
    /// Ask the read models, and no event
    #[command(subcommand)]
    Ask(Ask),
    /// Run the projections, or rebuild the read model of one
    #[command(subcommand)]
    Projections(Projections),
}

/// What an existing database is asked about the past of an account.
///
/// A point in the past is a day such as 1994-03-30, UTC, a time such as 1994-03-30T12:00:00Z, or a version such as v12.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Question {
    /// Print the balance of an account, now or as of a point in the past
    Balance {
        /// The account, and where it is
        #[command(flatten)]
        of: Of,
        /// As of this point: the end of a day, a time, or a version such as v12
        #[arg(long, value_name = "POINT")]
        as_of: Option<Point>,
    },
    /// Print what happened to an account, who did it and why, with the balance after each event
    History {
        /// The account, and where it is
        #[command(flatten)]
        of: Of,
        /// From this point on: the beginning of a day, a time, or a version such as v12
        #[arg(long, value_name = "POINT")]
        from: Option<Point>,
        /// Up to this point: the end of a day, a time, or a version such as v12
        #[arg(long, value_name = "POINT")]
        to: Option<Point>,
    },
    /// Print what differs between two states of an account, field by field
    Difference {
        /// The account, and where it is
        #[command(flatten)]
        of: Of,
        /// The state as of this point: the end of a day, a time, or a version such as v12
        #[arg(long, value_name = "POINT")]
        before: Point,
        /// The state as of this point, or the present one
        #[arg(long, value_name = "POINT")]
        after: Option<Point>,
    },
}

/// Which account a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Of {
    /// The account
    #[arg(long, value_name = "NUMBER")]
    pub account: u64,
    /// Days and times are those at which the store recorded the events, and not those at which they occurred
    #[arg(long)]
    pub recorded: bool,
    /// The database
    #[arg(long, value_name = "PATH", default_value = "bank.db")]
    pub db: PathBuf,
}

impl Question {
    /// Which account it is about.
    pub fn of(&self) -> &Of {
        match self {
            Self::Balance { of, .. } | Self::History { of, .. } | Self::Difference { of, .. } => of,
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Run the seeded bank.
    Seeded(Size),
    /// Import this ledger.
    Ledger(PathBuf),
    /// Print from an existing database.
    Query,
    /// Answer a question about the past from an existing database.
    Answer(Question),
    /// Answer a query from the read models of an existing database.
    Ask(Ask),
    /// Run or rebuild the projections of an existing database.
    Project(Projections),
}

impl Cli {
    /// What the arguments ask for.
    pub fn job(&self) -> Job {
        match &self.command {
            Some(Command::Question(question)) => return Job::Answer(question.clone()),
            Some(Command::Ask(ask)) => return Job::Ask(ask.clone()),
            Some(Command::Projections(what)) => return Job::Project(what.clone()),
            None => {}
        }
        let asks = self.account.is_some() || self.as_of.is_some() || self.check.is_some();
        match &self.ledger {
            Some(ledger) => Job::Ledger(ledger.clone()),
            None if asks => Job::Query,
            None => Job::Seeded(Size {
                seed: self.seed,
                accounts: self.accounts,
                commands: self.commands,
            }),
        }
    }

    /// The database; `None` for the memory.
    pub fn database(&self) -> Option<&Path> {
        match &self.command {
            Some(Command::Question(question)) => return Some(&question.of().db),
            Some(Command::Ask(ask)) => return Some(&ask.place().db),
            Some(Command::Projections(what)) => return Some(&what.how().db),
            None => {}
        }
        let default = || match self.ledger {
            Some(_) => Path::new("ledger.db"),
            None => Path::new("bank.db"),
        };
        (!self.memory).then(|| self.db.as_deref().unwrap_or_else(default))
    }
}
