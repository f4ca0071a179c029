//! Random histories with every past form in them, and random commands on them: whatever is kept, and wherever a history is
//! cut by it, its states are those of the plain fold.

use std::sync::Arc;

use eventsource_core::{
    Append, EventId, EventName, FoldError, IdSource, Keep, LoadError, Loaded, ManualClock,
    NewEvent, Origin, Recorded, Snapshot, StoredPayload, UuidV7,
    prelude::*,
    snapshot::{Compression, SnapshotCodecError, every, never},
};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    chest::Chest,
    evolved::{Account, Deposit, Deposited},
    modes::policies,
    rows::{Row, creating, dropped, later},
};

#[derive(Debug, Clone)]
enum Act {
    /// Another program appends.
    Foreign(Vec<Row>),
    /// Another repository on the same store, which keeps nothing.
    Other(i64),
    Command(i64),
    Unit(Vec<i64>),
    Ask(Vec<i64>),
    Load,
}

#[derive(Debug, Clone)]
struct Step {
    act: Act,
    /// When it occurred, by the word of who does it: in any order.
    occurred: i64,
    /// How far the clock of the store goes on.
    passed: i64,
    /// Whether snapshots are waited for behind it.
    settled: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let cents = || 1..100_i64;
    let act = prop_oneof![
        3 => vec(later(), 1..4).prop_map(Act::Foreign),
        1 => cents().prop_map(Act::Other),
        3 => cents().prop_map(Act::Command),
        1 => vec(cents(), 0..4).prop_map(Act::Unit),
        1 => vec(cents(), 0..4).prop_map(Act::Ask),
        1 => Just(Act::Load),
    ];
    (act, 0..12_i64, 0..3_i64, any::<bool>()).prop_map(|(act, occurred, passed, settled)| Step {
        act,
        occurred,
        passed,
        settled,
    })
}

/// How a repository keeps states.
#[derive(Debug, Clone)]
struct Mode {
    policy: Index,
    cached: bool,
    compressed: bool,
    keep: Keep,
}

fn mode() -> impl Strategy<Value = Mode> {
    let keep = prop_oneof![Just(Keep::All), (0..4_u32).prop_map(Keep::Latest)];
    (any::<Index>(), any::<bool>(), any::<bool>(), keep).prop_map(
        |(policy, cached, compressed, keep)| Mode {
            policy,
            cached,
            compressed,
            keep,
        },
    )
}

/// Nothing becomes smaller, and everything becomes something else.
#[derive(Debug)]
struct Turned;

impl Compression for Turned {
    fn name(&self) -> &'static str {
        "turned"
    }

    fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, SnapshotCodecError> {
        Ok(bytes.iter().rev().map(|byte| !byte).collect())
    }

    fn decompress(&self, bytes: &[u8], _: usize) -> Result<Vec<u8>, SnapshotCodecError> {
        self.compress(bytes)
    }
}

impl Mode {
    /// By the one that the crate has, where it has it.
    fn compression(&self) -> Option<Arc<dyn Compression>> {
        #[cfg(feature = "zstd")]
        if self.compressed && self.cached {
            return Some(Arc::new(eventsource_core::snapshot::Zstd::default()));
        }
        self.compressed
            .then(|| Arc::new(Turned) as Arc<dyn Compression>)
    }
}

/// What the tests do with both aggregates.
trait Evolved: Snapshot<Id = u64> + Handle<Deposit> + Clone + PartialEq + std::fmt::Debug {
    fn deposits(all: &[i64]) -> Events<Self>;
}

fn deposit(cents: i64) -> Deposited {
    let currency = "CZK".to_owned();
    Deposited { cents, currency }
}

impl Evolved for Account {
    fn deposits(all: &[i64]) -> Events<Self> {
        all.iter().copied().map(deposit).collect::<Vec<_>>().into()
    }
}

impl Evolved for Chest {
    fn deposits(all: &[i64]) -> Events<Self> {
        all.iter().copied().map(deposit).collect::<Vec<_>>().into()
    }
}

/// The fold without a repository: nothing where there is no aggregate.
fn fold<A: Evolved>(
    events: &[Recorded],
    until: impl Fn(&Recorded) -> bool,
) -> (Option<A>, Option<Version>) {
    let (mut state, mut version) = (A::initial(), None);
    for event in events.iter().filter(|event| until(event)) {
        for part in event.decode::<A>().expect("every form is known") {
            match A::fold(&mut state, &part) {
                Ok(()) => {}
                // By the word of who said when it occurred, it was not there yet.
                Err(FoldError::NotCreated { .. }) => return (None, None),
                Err(error) => panic!("{error:?}"),
            }
        }
        version = Some(event.version);
    }
    (state, version)
}

fn same<A: Evolved>(
    loaded: Result<Loaded<A>, LoadError>,
    folded: &(Option<A>, Option<Version>),
    what: &str,
) {
    match (loaded, folded) {
        (Ok(loaded), (Some(state), version)) => {
            assert_eq!(loaded.state(), state, "{what}");
            assert_eq!(loaded.version(), *version, "{what}");
        }
        (Err(LoadError::NotFound { .. }), (None, _)) => {}
        (loaded, folded) => panic!("{what}: {loaded:?} and not {folded:?}"),
    }
}

struct Bench<A> {
    store: MemoryStore,
    clock: Arc<ManualClock>,
    kept: Repository<A>,
    plain: Repository<A>,
    reader: Repository<A>,
}

impl<A: Evolved> Bench<A> {
    fn new(mode: &Mode) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(100)));
        let store = MemoryStore::with_clock(Arc::<ManualClock>::clone(&clock));
        let repository =
            || Repository::<A>::new(store.clone()).with_clock(Arc::<ManualClock>::clone(&clock));
        let policy = mode.policy.get(&policies()).clone();
        let mut kept = repository().snapshot(policy).keep_snapshots(mode.keep);
        // Reads what is kept, and keeps nothing itself.
        let mut reader = repository().snapshot(never());
        if let Some(compression) = mode.compression() {
            kept = kept.compress_snapshots(Arc::clone(&compression));
            reader = reader.compress_snapshots(compression);
        }
        if mode.cached {
            kept = kept.cache(2);
        }
        Self {
            plain: repository(),
            store,
            clock,
            kept,
            reader,
        }
    }

    async fn foreign(&self, rows: &[Row], occurred: i64) {
        let events = rows.iter().map(|Row(name, schema_version, json)| {
            NewEvent::new(
                EventId::new(UuidV7.next_id()),
                EventName::new(*name).expect("a legal name"),
                *schema_version,
                StoredPayload::json(json.as_bytes()),
                Timestamp::from_micros(occurred),
            )
        });
        let stream = StreamId::of::<A>(&1).expect("a stream");
        let append = Append::to(stream, Expected::Any, events.collect::<Vec<_>>());
        self.store
            .append(append)
            .await
            .expect("stores do not look inside");
    }

    async fn act(&self, step: &Step) {
        let context = Context::new().occurred_at(Timestamp::from_micros(step.occurred));
        let (kept, plain) = (
            self.kept.within(context.clone()),
            self.plain.within(context),
        );
        match &step.act {
            Act::Foreign(rows) => self.foreign(rows, step.occurred).await,
            Act::Other(cents) => {
                plain.execute(&1, Deposit(*cents)).await.expect("a deposit");
            }
            Act::Command(cents) => {
                kept.execute(&1, Deposit(*cents)).await.expect("a deposit");
            }
            Act::Unit(all) => {
                let mut unit = kept.begin(&1).await.expect("a unit");
                for cents in all {
                    unit.execute(Deposit(*cents)).expect("a deposit");
                }
                unit.commit().await.expect("stored");
            }
            Act::Ask(all) => {
                let decide = |_| async { Ok::<_, ()>(A::deposits(all)) };
                kept.decide(&1, decide).await.expect("decided");
            }
            Act::Load => drop(self.kept.load(&1).await),
        }
        self.clock.advance_micros(step.passed);
        if step.settled {
            self.kept.snapshots_settled().await;
        } else {
            tokio::task::yield_now().await;
        }
    }

    async fn events(&self) -> Vec<Recorded> {
        self.store.read_all().await.expect("readable")
    }

    async fn is_as_folded(&self) {
        let all = self.events().await;
        let folded = fold::<A>(&all, |_| true);
        same(self.kept.load(&1).await, &folded, "as it is");
        same(
            self.reader.load(&1).await,
            &folded,
            "as somebody else loads it",
        );
    }

    async fn was_as_folded(&self) {
        self.kept.snapshots_settled().await;
        let all = self.events().await;
        for repository in [&self.kept, &self.reader] {
            for event in &all {
                let of = event.version;
                let loaded = repository.load_as_of(&1, AsOf::Version(of)).await;
                let folded = fold(&all, |event| event.version <= of);
                same(loaded, &folded, &format!("as of version {of}"));
            }
            for micros in -1..13 {
                let of = Timestamp::from_micros(micros);
                let loaded = repository.load_as_of(&1, AsOf::Occurred(of)).await;
                let folded = fold(&all, |event| event.occurred_at <= of);
                same(loaded, &folded, &format!("as it had occurred by {of}"));
            }
            for event in &all {
                for micros in [-1, 0] {
                    let of = Timestamp::from_micros(event.recorded_at.as_micros() + micros);
                    let loaded = repository.load_as_of(&1, AsOf::Recorded(of)).await;
                    let folded = fold(&all, |event| event.recorded_at <= of);
                    same(loaded, &folded, &format!("as it was recorded by {of}"));
                }
            }
        }
    }
}

/// The first rows, then the steps; after each the state is the plain fold, and at the end every state of the past.
fn check<A: Evolved>(mode: &Mode, first: &[Row], steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(async {
        let bench = Bench::<A>::new(mode);
        if !first.is_empty() {
            bench.foreign(first, 5).await;
        }
        bench.is_as_folded().await;
        for step in steps {
            bench.act(step).await;
            bench.is_as_folded().await;
        }
        bench.was_as_folded().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_restored_state_and_its_tail_are_the_state_of_the_whole_history(
        mode in mode(),
        first in vec(prop_oneof![creating(), later()], 0..4),
        steps in vec(step(), 0..16),
    ) {
        check::<Account>(&mode, &first, &steps);
    }

    #[test]
    fn so_they_are_where_an_event_creates_the_aggregate(
        mode in mode(),
        (before, created) in (0..3_usize, creating()),
        steps in vec(step(), 0..16),
    ) {
        let mut first = vec![dropped(); before];
        first.push(created);
        check::<Chest>(&mode, &first, &steps);
    }

    #[test]
    fn with_every_so_many_no_load_reads_more_than_so_many_and_one(
        most in 1..9_u64,
        cached: bool,
        saves in vec(1..6_usize, 1..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            let mut accounts = Repository::<Account>::new(MemoryStore::new())
                .snapshot(every(most))
                .keep_snapshots(Keep::All);
            if cached {
                accounts = accounts.cache(2);
            }
            let reader = Repository::<Account>::new(accounts.store().clone()).snapshot(never());
            for save in saves {
                let decide = |_| async { Ok::<_, ()>(Account::deposits(&vec![1; save])) };
                accounts.decide(&1, decide).await.expect("decided");
                accounts.snapshots_settled().await;
                let loaded = reader.load(&1).await.expect("the account");
                assert!(loaded.events_read() <= 1 + most, "{}", loaded.events_read());
                let version = loaded.version().expect("it has events");
                assert_eq!(loaded.deposits.len() as u64, version.get());
                if version.get() >= most {
                    assert!(matches!(loaded.origin(), Origin::Snapshot(_)));
                }
            }
        });
    }
}
