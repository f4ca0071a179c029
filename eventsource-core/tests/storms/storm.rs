//! Many tasks that ask for commands of all kinds, by chance.
#![allow(dead_code, reason = "each program with it uses a part of it")]

use std::{ops::Range, sync::Arc};

use eventsource_core::{
    AppendKey, CommandId, Context, EventStore, ExecuteError, InContext, Loaded, Receipt, Repository,
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    domain::{Move, Poor, Purse},
    ledger::{Asked, Outcome, Told, end},
};

/// Numbers that look random and are the same in every run.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// So many in the normal run, so many under `EVENTSOURCE_LONG=1`.
pub(crate) fn times(short: u64, long: u64) -> u64 {
    let is_long = std::env::var_os("EVENTSOURCE_LONG").is_some_and(|value| value == "1");
    if is_long { long } else { short }
}

/// How a command is decided.
#[derive(Debug, Clone, Copy)]
enum Way {
    Execute,
    Unit,
    Ask,
    Both,
}

/// What goes on.
#[derive(Debug, Clone)]
pub(crate) struct Storm {
    pub(crate) seed: u64,
    /// The numbers of the tasks; no two storms on one store have the same.
    pub(crate) tasks: Range<u64>,
    /// How often each of them asks.
    pub(crate) commands: u64,
    /// How many purses there are. The first one is as hot as all others together.
    pub(crate) purses: u64,
}

impl Storm {
    /// Lets it loose on repositories of one store, and says what each command was told.
    pub(crate) async fn rage(
        &self,
        store: &(impl EventStore + Clone),
        repositories: &[Repository<Purse>],
    ) -> Vec<Told> {
        let barrier = Arc::new(Barrier::new(self.tasks.clone().count()));
        let (mut tasks, mut told) = (JoinSet::new(), Vec::new());
        for number in self.tasks.clone() {
            let (gale, store, barrier) = (self.clone(), store.clone(), Arc::clone(&barrier));
            let repositories = repositories.to_vec();
            tasks.spawn(async move {
                barrier.wait().await;
                gale.task(number, &store, &repositories).await
            });
        }
        while let Some(task) = tasks.join_next().await {
            told.extend(task.expect("the task ends"));
        }
        for purses in repositories {
            purses.snapshots_settled().await;
        }
        told
    }

    async fn task(
        &self,
        number: u64,
        store: &impl EventStore,
        repositories: &[Repository<Purse>],
    ) -> Vec<Told> {
        let mut dice = Dice::new(self.seed.wrapping_mul(1_000_003).wrapping_add(number));
        let mut told = Vec::new();
        for index in 0..self.commands {
            let (asked, way) = self.command(number * 1_000_000 + index, &mut dice);
            let context = named(&asked, &mut dice);
            let mut of_any = || {
                let one = dice.below(repositories.len() as u64);
                let one = usize::try_from(one).expect("a small number");
                repositories[one].within(context.clone())
            };
            let (one, two) = (of_any(), of_any());
            let is_twice = asked.named && dice.below(2) == 0;
            if is_twice && dice.below(2) == 0 {
                // Both at once.
                let (one, two) =
                    tokio::join!(ask(store, &one, &asked, way), ask(store, &two, &asked, way));
                told.extend([one, two]);
            } else {
                told.push(ask(store, &one, &asked, way).await);
                if is_twice {
                    told.push(ask(store, &two, &asked, way).await);
                }
            }
            // Who does not know asks again, where that tells.
            for _ in 0..20 {
                if asked.named && told.last().is_some_and(is_open) {
                    told.push(ask(store, &two, &asked, way).await);
                }
            }
        }
        told
    }

    fn command(&self, number: u64, dice: &mut Dice) -> (Asked, Way) {
        let hot = dice.below(2) == 0;
        let of = if hot { 0 } else { dice.below(self.purses) };
        // More would go than come, so that many are refused.
        let mut haler = || i64::try_from(dice.below(41)).expect("a small number") - 22;
        let (one, two, three) = (haler(), haler(), haler());
        let (way, steps) = match dice.below(8) {
            0..3 => (Way::Execute, vec![(of, one)]),
            3 => (Way::Execute, vec![(of, one), (of, two), (of, three)]),
            4 => (Way::Unit, vec![(of, one), (of, two)]),
            5 => (Way::Ask, vec![(of, one)]),
            _ => {
                let other = (of + 1 + dice.below(self.purses - 1)) % self.purses;
                (Way::Both, vec![(of, one), (of, 1), (other, -one)])
            }
        };
        let named = dice.below(3) > 0;
        let asked = Asked {
            number,
            steps,
            named,
        };
        (asked, way)
    }
}

/// The context of a command: without a name, or with a key, or with an id.
fn named(asked: &Asked, dice: &mut Dice) -> Context {
    match (asked.named, dice.below(2)) {
        (false, _) => Context::new(),
        (true, 0) => {
            let key = AppendKey::new(format!("command {}", asked.number));
            Context::new().with_key(key.expect("a legal key"))
        }
        (true, _) => {
            let id = uuid::Uuid::from_u128(u128::from(asked.number) + 1);
            Context::new().with_command_id(CommandId::new(id))
        }
    }
}

fn is_open(told: &Told) -> bool {
    matches!(told.outcome, Outcome::Unknown | Outcome::NotStored)
}

async fn ask(store: &impl EventStore, purses: &InContext<Purse>, asked: &Asked, way: Way) -> Told {
    let low = end(store).await;
    let done = decided(purses, asked, way).await;
    Told {
        asked: asked.clone(),
        window: (low, end(store).await),
        outcome: done.into(),
    }
}

async fn decided(
    purses: &InContext<Purse>,
    asked: &Asked,
    way: Way,
) -> Result<Receipt, ExecuteError<Poor>> {
    let (of, _) = asked.steps[0];
    let steps = |of: u64| {
        let first = asked.steps.iter().position(|(purse, _)| *purse == of);
        let own = asked.steps.iter().filter(|(purse, _)| *purse == of);
        Move {
            command: asked.number,
            first: first.unwrap_or_default() as u64,
            steps: own.map(|(_, haler)| *haler).collect(),
        }
    };
    match way {
        Way::Execute => purses.execute(&of, steps(of)).await,
        Way::Unit => {
            let mut unit = purses.begin(&of).await?;
            for (first, haler) in (0..).zip(steps(of).steps) {
                let one = Move::one(asked.number, haler);
                unit.execute(Move { first, ..one })?;
                tokio::task::yield_now().await;
            }
            unit.commit().await
        }
        Way::Ask => {
            let ask = |purse: Loaded<Purse>| {
                let steps = steps(of);
                async move {
                    tokio::task::yield_now().await;
                    steps.decide(&purse)
                }
            };
            purses.decide(&of, ask).await
        }
        Way::Both => {
            let (other, _) = asked.steps[asked.steps.len() - 1];
            let both =
                |one: &Purse, two: &Purse| Ok((steps(of).decide(one)?, steps(other).decide(two)?));
            purses.decide_both(&of, &other, both).await
        }
    }
}
