//! Reading everything. `reads fill PATH EVENTS` makes a file; `reads p7 PATH` and `reads rebuild PATH` are one round on it, and
//! a third argument leaves those alone whose names have it, for profilers; `reads memory PATH WHO` says what one read or one
//! rebuild took of memory at the most.

use std::{
    cell::Cell,
    error::Error,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use benches::{
    bare_log::{Access, Six, Whole, scan},
    bare_rebuild,
    commands::runtime,
    log::{self, What},
    rebuild::{Kept, Totals},
};
use eventsource_sqlite::{SqliteReadModels, SqliteStore};
use rustix::time::{ClockId, clock_gettime};

/// How often each contender runs in one round.
const TURNS: usize = 3;

type Scan = fn(&Path, Access, What) -> Result<(u64, u64), Box<dyn Error>>;
type Turn<'a> = Box<dyn FnMut() -> (u64, u64) + 'a>;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["fill", path, events] => {
            runtime().block_on(log::fill(Path::new(path), events.parse()?));
            Ok(())
        }
        ["p7", path] => reads(Path::new(path), ""),
        ["p7", path, only] => reads(Path::new(path), only),
        ["rebuild", path] => rebuilds(Path::new(path), ""),
        ["rebuild", path, only] => rebuilds(Path::new(path), only),
        ["memory", path, who] => memory(Path::new(path), who),
        _ => Err("say `fill PATH EVENTS`, `p7 PATH`, `rebuild PATH` or `memory PATH WHO`".into()),
    }
}

fn reads(path: &Path, only: &str) -> Result<(), Box<dyn Error>> {
    let runtime = runtime();
    let store = runtime.block_on(SqliteStore::open(path))?;
    let bare = |access, what, read: Scan| -> Turn<'_> {
        Box::new(move || read(path, access, what).expect("a whole file"))
    };
    let (runtime, store) = (&runtime, &store);
    let pages = |what| -> Turn<'_> { Box::new(move || runtime.block_on(log::pages(store, what))) };
    let all = vec![
        (
            "bare: six columns",
            What::All,
            bare(Access::Plain, What::All, scan::<Six>),
        ),
        (
            "bare: whole envelope",
            What::All,
            bare(Access::Plain, What::All, scan::<Whole>),
        ),
        (
            "bare: whole envelope, mapped file",
            What::All,
            bare(Access::Mapped, What::All, scan::<Whole>),
        ),
        ("ours: pages", What::All, pages(What::All)),
        (
            "ours: events",
            What::All,
            Box::new(|| runtime.block_on(log::events(store, What::All))) as Turn<'_>,
        ),
        (
            "ours: subscription",
            What::All,
            Box::new(|| runtime.block_on(log::subscription(store, What::All))),
        ),
        (
            "bare: category, whole envelope",
            What::Category,
            bare(Access::Plain, What::Category, scan::<Whole>),
        ),
        ("ours: category", What::Category, pages(What::Category)),
        (
            "bare: names of a category, whole envelope",
            What::Named,
            bare(Access::Plain, What::Named, scan::<Whole>),
        ),
        ("ours: names of a category", What::Named, pages(What::Named)),
    ];
    in_turns(all, only)
}

/// Rebuilds of a read model in memory and of one in the store's transaction, by a runner that goes on keeping up the one that
/// is read. Everybody finds the same balance.
fn rebuilds(path: &Path, only: &str) -> Result<(), Box<dyn Error>> {
    // In a file of its own, so that it fills its table beside as many others as the runner does.
    let beside = path.with_extension("bare");
    std::fs::copy(path, &beside)?;
    let runtime = runtime();
    let store = runtime.block_on(SqliteStore::open(path))?;
    let models = runtime.block_on(SqliteReadModels::open(path))?;
    let in_memory = runtime.block_on(Kept::in_memory(store.clone()));
    let in_transactions = runtime.block_on(Kept::in_transactions(store, models));
    let balance = Cell::new(None);
    let agreed = |totals| agreed(&balance, totals);
    let all: Vec<(&str, What, Turn<'_>)> = vec![
        (
            "bare: whole envelope",
            What::All,
            Box::new(|| scan::<Whole>(path, Access::Plain, What::All).expect("a whole file")),
        ),
        (
            "bare: totals in memory",
            What::All,
            Box::new(|| agreed(bare_rebuild::in_memory(path).expect("a whole file"))),
        ),
        (
            "ours: rebuild in memory",
            What::All,
            Box::new(|| agreed(runtime.block_on(in_memory.rebuild()))),
        ),
        (
            "bare: a table in transactions",
            What::All,
            Box::new(|| agreed(bare_rebuild::in_transactions(&beside).expect("a whole file"))),
        ),
        (
            "ours: rebuild in transactions",
            What::All,
            Box::new(|| agreed(runtime.block_on(in_transactions.rebuild()))),
        ),
    ];
    in_turns(all, only)?;
    runtime.block_on(async {
        in_memory.stop().await;
        in_transactions.stop().await;
    });
    Ok(())
}

/// The number of the events and of the bytes, if the balance is that of those before.
fn agreed(balance: &Cell<Option<i64>>, totals: Totals) -> (u64, u64) {
    let first = *balance.get().get_or_insert(totals.balance);
    balance.set(Some(first));
    assert_eq!(totals.balance, first, "somebody has lost money");
    (totals.events, totals.bytes)
}

fn in_turns(mut all: Vec<(&str, What, Turn<'_>)>, only: &str) -> Result<(), Box<dyn Error>> {
    all.retain(|(name, ..)| name.contains(only));
    let mut times: Vec<Vec<(f64, f64)>> = vec![Vec::new(); all.len()];
    let mut seen: Vec<(What, (u64, u64))> = Vec::new();
    for turn in 0..=TURNS {
        for ((name, what, run), times) in all.iter_mut().zip(&mut times) {
            let (cpu, began) = (cpu(), Instant::now());
            let counted = run();
            let (wall, spent) = (began.elapsed(), self::cpu().saturating_sub(cpu));
            // A contender that reads something else must not be in the table.
            match seen.iter().find(|(other, _)| other == what) {
                Some((_, first)) if *first != counted => {
                    return Err(format!("{name} has read {counted:?} of {first:?}").into());
                }
                Some(_) => {}
                None => seen.push((*what, counted)),
            }
            if turn > 0 {
                times.push((each(wall, counted.0), each(spent, counted.0)));
            }
        }
    }
    print(&all, &mut times);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "`rows` reads it")]
fn print(all: &[(&str, What, Turn<'_>)], times: &mut [Vec<(f64, f64)>]) {
    for ((name, ..), times) in all.iter().zip(times) {
        let median = |of: fn(&(f64, f64)) -> f64| {
            let mut figures: Vec<f64> = times.iter().map(of).collect();
            figures.sort_by(f64::total_cmp);
            figures[TURNS / 2]
        };
        println!("{name}\t{:.1}\tcpu={:.1}", median(|t| t.0), median(|t| t.1));
    }
}

/// Prints the greatest resident set of this process, in KiB, after one read.
#[expect(clippy::print_stdout, reason = "the figure is what it is for")]
fn memory(path: &Path, who: &str) -> Result<(), Box<dyn Error>> {
    let (events, _) = match who {
        "bare" => scan::<Whole>(path, Access::Plain, What::All)?,
        "ours" => {
            let runtime = runtime();
            let store = runtime.block_on(SqliteStore::open(path))?;
            runtime.block_on(log::events(&store, What::All))
        }
        "subscription" => {
            let runtime = runtime();
            let store = runtime.block_on(SqliteStore::open(path))?;
            runtime.block_on(log::subscription(&store, What::All))
        }
        "rebuild-in-memory" => {
            let runtime = runtime();
            let store = runtime.block_on(SqliteStore::open(path))?;
            let kept = runtime.block_on(Kept::in_memory(store));
            let totals = runtime.block_on(kept.rebuild());
            (totals.events, totals.bytes)
        }
        "rebuild-in-transactions" => {
            let runtime = runtime();
            let store = runtime.block_on(SqliteStore::open(path))?;
            let models = runtime.block_on(SqliteReadModels::open(path))?;
            let kept = runtime.block_on(Kept::in_transactions(store, models));
            let totals = runtime.block_on(kept.rebuild());
            (totals.events, totals.bytes)
        }
        _ => {
            let known = "bare, ours, subscription, rebuild-in-memory or rebuild-in-transactions";
            return Err(format!("say who: {known}").into());
        }
    };
    let status = std::fs::read_to_string(PathBuf::from("/proc/self/status"))?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .ok_or("this system does not say")?;
    println!("{who}, {events} events: peak {}", peak.trim());
    Ok(())
}

/// CPU time of this process, all its threads.
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
