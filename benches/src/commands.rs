//! Commands of the standard workload: many tasks, each of which takes the next command, has it decided on the state of its
//! account and stores what was decided. The programs of the peers take the same file.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// What is in an account at its beginning: no withdrawal is ever refused.
pub const INITIAL: i64 = 1_000_000;

/// The streams and the commands of one turn.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many accounts there are.
    pub accounts: u64,
    /// How many events each of them has before the first command.
    pub events: u64,
    /// How many commands are executed.
    pub commands: u64,
    /// How many tasks execute them.
    pub tasks: u64,
}

impl Load {
    /// The load of an argument such as `8` or `long-8`: so many tasks on accounts of about 20 events, or of about 1 000.
    ///
    /// # Errors
    ///
    /// When the argument is neither.
    pub fn parse(text: &str) -> Result<Self, std::num::ParseIntError> {
        match text.strip_prefix("long-") {
            Some(tasks) => Ok(Self {
                accounts: 100,
                events: 1_000,
                commands: 2_000,
                tasks: tasks.parse()?,
            }),
            None => Ok(Self {
                accounts: 1_000,
                events: 15,
                commands: 10_000,
                tasks: text.parse()?,
            }),
        }
    }
}

/// What is to happen to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Money comes in, for a reason.
    Deposit(i64, String),
    /// Money goes out, for a reason.
    Withdraw(i64, String),
}

impl Order {
    fn of(number: u64) -> Self {
        let amount = i64::try_from(1 + number % 100).unwrap_or(1);
        let reason = reason(number);
        if number.is_multiple_of(2) {
            Self::Deposit(amount, reason)
        } else {
            Self::Withdraw(amount, reason)
        }
    }

    fn change(&self) -> i64 {
        match self {
            Self::Deposit(amount, _) => *amount,
            Self::Withdraw(amount, _) => -amount,
        }
    }
}

/// What the money of a number is for.
pub fn reason(number: u64) -> String {
    format!("payment reference {number:08}")
}

/// Who executes the commands. Whatever fails panics: a program that fails has no place in a table.
pub trait Bank: Send + Sync + 'static {
    /// How it calls an account.
    type Id: Send + Sync;

    /// The name of an account.
    fn id(&self, number: u64) -> Self::Id;
    /// Opens an account with [`INITIAL`] in it, and deposits 1 until it has so many events.
    fn seed(&self, id: &Self::Id, events: u64) -> impl Future<Output = ()> + Send;
    /// Loads, decides and stores, until it is stored.
    fn execute(&self, id: &Self::Id, order: Order) -> impl Future<Output = ()> + Send;
    /// How many events an account has, and what is in it.
    fn count(&self, id: &Self::Id) -> impl Future<Output = (u64, i64)> + Send;
    /// CPU time that others have spent for it so far: a server.
    fn elsewhere(&self) -> Duration {
        Duration::ZERO
    }
}

/// What one turn took.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Nanoseconds of the clock for one command: the turn's time by the number of commands.
    pub wall: f64,
    /// Nanoseconds of CPU for one command, over all threads.
    pub cpu: f64,
    /// The median of how long one command took, in nanoseconds.
    pub half: f64,
    /// What 99 of 100 commands took at the most, in nanoseconds.
    pub most: f64,
    /// How many commands were acknowledged and are not in the store.
    pub lost: i64,
}

/// Fills a bank and has it execute the commands.
///
/// # Panics
///
/// When a command fails, or the money in the accounts is not what the stored commands have put there.
pub async fn turn<B: Bank>(bank: B, load: Load) -> Figures {
    let bank = Arc::new(bank);
    let ids: Arc<Vec<B::Id>> = Arc::new((0..load.accounts).map(|number| bank.id(number)).collect());
    let next = Arc::new(AtomicU64::new(0));
    let seeding: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(seed(
                Arc::clone(&bank),
                Arc::clone(&ids),
                Arc::clone(&next),
                load,
            ))
        })
        .collect();
    for task in seeding {
        task.await.expect("no one panics");
    }

    let next = Arc::new(AtomicU64::new(0));
    let (others, cpu, began) = (bank.elsewhere(), cpu(), Instant::now());
    let tasks: Vec<_> = (0..load.tasks)
        .map(|_| {
            tokio::spawn(work(
                Arc::clone(&bank),
                Arc::clone(&ids),
                Arc::clone(&next),
                load,
            ))
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.append(&mut task.await.expect("no one panics"));
    }
    let wall = began.elapsed();
    let here = self::cpu().saturating_sub(cpu);
    let spent = here + bank.elsewhere().saturating_sub(others);

    let (mut events, mut money) = (0, 0);
    for id in ids.iter() {
        let (count, balance) = bank.count(id).await;
        events += count;
        money += balance;
    }
    let lost = (load.accounts * load.events + load.commands).cast_signed() - events.cast_signed();
    let opened = load.accounts.cast_signed() * (INITIAL + load.events.cast_signed() - 1);
    let changes: i64 = (0..load.commands)
        .map(|number| Order::of(number).change())
        .sum();
    assert!(
        lost != 0 || money == opened + changes,
        "the money is not what was stored"
    );
    times.sort_unstable();
    let of_all = |percent: usize| times.get((times.len() - 1) * percent / 100);
    Figures {
        wall: each(wall, load.commands),
        cpu: each(spent, load.commands),
        half: of_all(50).map_or(f64::NAN, |time| each(*time, 1)),
        most: of_all(99).map_or(f64::NAN, |time| each(*time, 1)),
        lost,
    }
}

async fn seed<B: Bank>(bank: Arc<B>, ids: Arc<Vec<B::Id>>, next: Arc<AtomicU64>, load: Load) {
    while let Some(id) = ids.get(take(&next)) {
        bank.seed(id, load.events).await;
    }
}

async fn work<B: Bank>(
    bank: Arc<B>,
    ids: Arc<Vec<B::Id>>,
    next: Arc<AtomicU64>,
    load: Load,
) -> Vec<Duration> {
    let mut times = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= load.commands {
            return times;
        }
        let account = usize::try_from(mixed(number) % load.accounts).expect("a place in a list");
        let order = Order::of(number);
        let began = Instant::now();
        bank.execute(&ids[account], order).await;
        times.push(began.elapsed());
    }
}

fn take(next: &AtomicU64) -> usize {
    usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(usize::MAX)
}

/// Spreads the numbers, by the finishing steps of splitmix64.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// CPU time of this process.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        now.tv_sec.cast_unsigned(),
        now.tv_nsec.try_into().unwrap_or(0),
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of hours fit into 52 bits"
)]
fn each(time: Duration, count: u64) -> f64 {
    time.as_nanos() as f64 / count as f64
}

/// A program that executes the commands: its name, and one turn from an empty store on.
pub struct Program<'a> {
    name: String,
    turn: Box<dyn FnMut(Load) -> Figures + 'a>,
}

impl<'a> Program<'a> {
    /// A program and how a turn of it is made.
    pub fn new(name: impl Into<String>, turn: impl FnMut(Load) -> Figures + 'a) -> Self {
        let (name, turn) = (name.into(), Box::new(turn));
        Self { name, turn }
    }
}

impl std::fmt::Debug for Program<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// The runtime of all programs: as many threads as the machine of the figures has.
///
/// # Panics
///
/// When the system has no threads to give.
pub fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let built = builder.worker_threads(2).enable_all().build();
    built.expect("threads")
}

/// Lets the programs run in turns, so many that do not count and then so many that do, and prints the medians for each: the line is
/// that of [`measure`](crate::measure), wall nanoseconds for one command, with the other figures behind it. A fourth
/// argument leaves those alone whose names have it, for profilers.
///
/// # Panics
///
/// When a program loses updates, unless it is said to.
#[expect(clippy::print_stdout, reason = "`rows` reads it")]
pub fn commands_in_turns(
    load: Load,
    (first, turns): (usize, usize),
    mut programs: Vec<Program<'_>>,
) {
    if let Some(only) = std::env::args().nth(3) {
        programs.retain(|program| program.name.contains(&only));
    }
    let mut seen: Vec<Vec<Figures>> = vec![Vec::new(); programs.len()];
    for turn in 0..first + turns {
        for (program, seen) in programs.iter_mut().zip(&mut seen) {
            let figures = (program.turn)(load);
            if turn >= first {
                seen.push(figures);
            }
        }
    }
    for (program, seen) in programs.iter().zip(&seen) {
        let median = |of: fn(&Figures) -> f64| {
            let mut all: Vec<f64> = seen.iter().map(of).collect();
            all.sort_by(f64::total_cmp);
            all.get((all.len() - 1) / 2).copied().unwrap_or(f64::NAN)
        };
        let lost: i64 = seen.iter().map(|figures| figures.lost).sum();
        let may_lose = program.name.contains("loses updates");
        assert!(
            lost == 0 || may_lose,
            "{} has lost {lost} updates",
            program.name
        );
        println!(
            "{}\t{:.0}\tcpu={:.0}\tp50={:.0}\tp99={:.0}\tlost={lost}",
            program.name,
            median(|figures| figures.wall),
            median(|figures| figures.cpu),
            median(|figures| figures.half),
            median(|figures| figures.most),
        );
    }
}
