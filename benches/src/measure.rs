//! CPU time of contenders that run in turns. What a run prints is read by `rows`, which sets many runs side by side.

use std::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

use rustix::time::{ClockId, clock_gettime};

/// How often each contender runs in one run of a program.
const TURNS: usize = 9;

/// One way of doing the work.
pub struct Contender<'a> {
    name: String,
    turn: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    /// A contender and what it does in one turn. What a turn returns is computed for certain.
    pub fn new<R>(name: impl Into<String>, mut turn: impl FnMut() -> R + 'a) -> Self {
        let turn = Box::new(move || {
            black_box(turn());
        });
        let name = name.into();
        Self { name, turn }
    }
}

impl std::fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// Lets the contenders run in turns after one turn each that does not count, and prints for each the median of its
/// nanoseconds for one event. A second argument of the program leaves those alone whose names have it, for profilers.
#[expect(clippy::print_stdout, reason = "`rows` reads it")]
#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of seconds fit into 52 bits"
)]
pub fn in_turns(events: usize, mut contenders: Vec<Contender<'_>>) {
    if let Some(only) = std::env::args().nth(2) {
        contenders.retain(|contender| contender.name.contains(&only));
    }
    let mut times = vec![Vec::with_capacity(TURNS); contenders.len()];
    for turn in 0..=TURNS {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let before = cpu_nanos();
            (contender.turn)();
            let spent = cpu_nanos() - before;
            if turn > 0 {
                times.push(spent);
            }
        }
    }
    for (contender, times) in contenders.iter().zip(&mut times) {
        times.sort_unstable();
        let median = times[TURNS / 2] as f64 / events as f64;
        println!("{}\t{median:.3}", contender.name);
    }
}

/// CPU time of this thread: what other programs do at the same time hardly counts.
fn cpu_nanos() -> i64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// Runs a future of a store in memory, which never waits for anything.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return done;
        }
    }
}
