//! Broken stores, each with one defect, and the cases that catch it: a case that no store can fail tests nothing.

mod broken;
mod late;
mod reading;
mod stateful;
mod writing;

use std::{collections::BTreeSet, fmt::Write, sync::Arc, time::Duration};

use eventsource_core::{Capabilities, Capability, EventStore, MemoryStore, async_trait};
use eventsource_testing::suite::{Bench, CASES, Case, Fixture, Outcome, Setup, run, run_cases};

use broken::{Broken, Defect, MakeStore, Nowhere, good};
use late::{Late, Order};

/// A broken store, and the ids of the cases that must fail on it.
struct Mutant {
    name: &'static str,
    caught_by: &'static str,
    bench: Bench,
}

fn bench(make: MakeStore) -> Bench {
    Bench::new(Arc::new(move || {
        let place: Box<dyn Fixture> = Box::new(Nowhere(Arc::clone(&make)));
        Box::pin(async move { place })
    }))
}

fn of<D: Defect + Default>(name: &'static str, caught_by: &'static str) -> Mutant {
    let make: MakeStore = Arc::new(|setup| {
        let (good, defect) = (good(setup), D::default());
        Arc::new(Broken { good, defect })
    });
    let bench = bench(make);
    Mutant {
        name,
        caught_by,
        bench,
    }
}

fn late(name: &'static str, order: Order, caught_by: &'static str) -> Mutant {
    let bench = bench(Arc::new(move |setup| Arc::new(Late::new(order, setup))));
    Mutant {
        name,
        caught_by,
        bench,
    }
}

fn folding(name: &'static str, fold: fn(&str) -> String, caught_by: &'static str) -> Mutant {
    let make: MakeStore = Arc::new(move |setup| {
        let (good, defect) = (good(setup), stateful::FoldsNames(Some(fold)));
        Arc::new(Broken { good, defect })
    });
    let bench = bench(make);
    Mutant {
        name,
        caught_by,
        bench,
    }
}

/// Says that it is durable, and is empty when it is opened again.
#[derive(Debug, Default)]
struct Volatile;

impl Defect for Volatile {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities().with(Capability::Durable)
    }
}

#[async_trait]
impl Fixture for Volatile {
    async fn create() -> Self {
        Self
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let (good, defect) = (good(setup), Self);
        Arc::new(Broken { good, defect })
    }

    fn location(&self) -> Option<String> {
        Some("nowhere".to_owned())
    }
}

macro_rules! mutants {
    ($($module:ident { $($name:ident $caught_by:literal)* })*) => {
        vec![$($(of::<$module::$name>(stringify!($name), $caught_by),)*)*]
    };
}

fn mutants() -> Vec<Mutant> {
    let mut all = mutants! {
        writing {
            LosesTheSecondEventOfABatch "A-02 A-05 C-20"
            IgnoresTheExpectation "C-03 C-04 C-06 C-17 C-20 X-01"
            TakesExistsForAny "C-03"
            TakesAnyForExists "C-01 A-01"
            TakesAnyForNoStream "C-05"
            TakesExactOneForNoStream "C-04"
            NeverFindsNoStream "C-02"
            NeverFindsExists "C-07"
            AcceptsAVersionThatIsOneTooLow "C-08 C-17"
            KeepsVersionsIn32Bits "C-17"
            EndsAStreamAt65535Events "X-04"
            ChecksThenWrites "C-20 X-01 X-02"
            RetriesWithTheVersionItFound "C-21 C-37"
            HasOneVersionForAllStreams "C-22"
            TellsAWrongActualVersion "C-06 C-17 C-18"
            BringsNoMissedEvents "C-18 C-24"
            BringsAllMissedEvents "C-18"
            ReportsTheFirstConflictOnly "C-24"
            StoresTheFirstPartOfAConflict "C-23"
            ForgetsToCheckOtherStreams "C-25 X-02"
            LocksStreamsInTheOrderOfTheAppend "C-37"
            StoresAnEmptyAppend "A-03 A-04"
            SkipsTheCheckOfAnEmptyAppend "A-03"
            TellsAWrongPosition "A-05 A-06"
            AcceptsDuplicateIds "A-07 I-09"
            StoresABatchUpToTheBadEvent "A-07 A-09 A-20 I-08"
            HalfWritesWhenItFails "T-03"
            StoresThoughItSaysThatItDidNot "T-03 G-05"
            WritesEventByEvent "T-08"
            SaysUnknownForEveryFailure "T-03 T-12"
            ShowsPayloadsInErrors "T-12"
            AcceptsAKeyForOtherContent "I-03 I-05 I-06"
            ForgetsKeys "I-01 I-02 I-04 I-07 I-11"
            AsksTheConditionOfARetry "I-01 I-10"
            SkipsTheConditionUnderAKey "I-10"
            CutsPayloadsAtNul "A-14"
            TidiesJsonUp "A-13"
            RefusesAMegabyte "A-20 A-21"
            SplitsLargeBatches "A-21"
        }
        stateful {
            RemembersTheLastKeyOnly "I-02 I-04"
            LooksForTheKeyThenWrites "I-07"
            UsesUpIdsInAConflict "C-19"
            IsPoisonedByAPanic "A-08"
            ClaimsToBeDurable "T-03 T-04 X-03"
            ClaimsSeveralProcesses "C-35"
            DoesMoreThanItClaims "C-23 C-24 C-25 C-37 X-02"
            TellsAWrongLimit "A-20"
            FoldsNames "A-18"
        }
        reading {
            SwapsTwoEvents "A-02 G-01"
            LosesMetadata "A-01 A-12"
            LosesTags "A-01 A-17"
            KeepsMilliseconds "A-11"
            CutsFourByteCharacters "A-15"
            ChangesOldEvents "A-22"
            TakesTheTimeFromTheCaller "T-15"
            ReusesPositions "G-01"
            TakesAMissingStreamForAnEmptyOne "R-04"
            TakesAnEmptyRangeForAMissingStream "R-04"
            FailsWhereNothingMatches "R-02 S-20 S-21"
            EndsOneVersionEarly "R-01"
            IgnoresTheLimit "R-02"
            IgnoresTheDirection "R-01"
            TakesNoNameForAllNames "R-03"
            CountsVersionsInTheFilter "R-05"
            RepeatsAnEventAtTheEndOfAPage "R-06"
            LosesAnEventAtTheEndOfAPage "R-06 S-05"
            PagesBackwardByOffset "R-07"
            DropsWhatDoesNotFitItsBuffer "S-05"
            TakesTimesAsExclusive "R-08"
            FindsCategoriesByPrefix "R-10 A-18"
            FiltersByTheFirstNameOnly "R-11"
            FiltersByTheFirstTagOnly "R-12"
            ForgetsTheStreamUnderAFilter "S-04"
            MissesTheEventAtTheEndPosition "S-01 S-02 S-03"
            BeginsOnePositionEarly "S-01 S-07 S-24 S-25"
            MissesTheFirstPositionAfter "S-25"
            KeepsPositionsIn32Bits "G-13"
            PutsNamesIntoTheQuery "A-19"
            LosesEventsUnderAFilter "S-23 S-25"
            HeadRunsAhead "G-01 S-21"
            AnEmptyStoreHasAHead "R-15"
            HeadLags "R-15"
            NeverWakes "S-16"
            WakesTooEarly "S-16"
            LosesAnEventToAWaitGivenUp "T-14 S-15"
            TellsTheVersionOfAll "A-18"
        }
    };
    all.extend([
        folding("TrimsNames", |id| format!("_{}", id.trim()), "A-18"),
        folding("CutsLongNames", |id| id.chars().take(255).collect(), "A-17"),
        late(
            "SkipsWhatCommitsLate",
            Order::SkipsWhatCommitsLate,
            "G-02 G-03 S-22",
        ),
        late("WaitsAtEveryGap", Order::WaitsAtEveryGap, "G-05"),
        late(
            "TakesPositionsInBlocks",
            Order::TakesPositionsInBlocks,
            "G-12",
        ),
        Mutant {
            name: "LosesEverythingWhenItIsClosed",
            caught_by: "X-03",
            bench: Bench::of::<Volatile>(),
        },
    ]);
    all
}

fn case(id: &str) -> &'static Case {
    let found = CASES.iter().find(|case| case.id() == id);
    found.unwrap_or_else(|| panic!("there is no case {id}"))
}

#[test]
fn the_store_without_a_defect_passes_every_case() {
    let report = run::<Nowhere>();
    println!("{report}");
    assert!(report.is_passed(), "{report}");
}

/// Each named case fails on its mutant. The table shows which mutants stand behind each case.
#[test]
fn each_broken_store_is_caught_by_the_cases_named_for_it() {
    let (mut missed, mut table) = (Vec::new(), String::new());
    let mutants = mutants();
    for mutant in &mutants {
        let bench = mutant.bench.clone().with_patience(Duration::from_secs(3));
        let mut left: Vec<_> = mutant.caught_by.split(' ').map(case).collect();
        // A race need not show each time.
        for _ in 0..3 {
            let report = run_cases(&bench, left.clone());
            let failed: BTreeSet<_> = report.failed().map(Case::id).collect();
            for (case, outcome) in &report.outcomes {
                if let Outcome::Failed(why) = outcome {
                    let why: String = why
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .chars()
                        .take(100)
                        .collect();
                    println!("{} {}: {why}", mutant.name, case.id());
                }
            }
            left.retain(|case| !failed.contains(&case.id()));
        }
        let passed = left
            .into_iter()
            .map(|case| format!("{} passes on {}", case.id(), mutant.name));
        missed.extend(passed);
    }
    for case in CASES {
        let id = case.id();
        let by = mutants
            .iter()
            .filter(|mutant| mutant.caught_by.split(' ').any(|one| one == id));
        let by: Vec<_> = by.map(|mutant| mutant.name).collect();
        let by = if by.is_empty() {
            "NO MUTANT".to_owned()
        } else {
            by.join(", ")
        };
        writeln!(table, "{id}  {by}").expect("a string");
    }
    println!("{table}\n{} mutants, {} cases", mutants.len(), CASES.len());
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(
        !table.contains("NO MUTANT"),
        "a case that no store fails tests nothing:\n{table}"
    );
}
