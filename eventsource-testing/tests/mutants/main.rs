//! Broken stores, each with one defect, and the cases that catch it: a case that no store can fail tests nothing.

mod broken;
mod following;
mod late;
mod places;
mod reading;
mod snapshots;
mod stateful;
mod trimming;
mod waiting;
mod writing;

use std::{fmt::Write, sync::Arc, time::Duration};

use eventsource_testing::suite::{Bench, CASES, Case, Fixture, Outcome, run, run_cases};

use broken::{Broken, Defect, MakeStore, Nowhere, good};
use late::{Late, Order};
use places::{
    CutsTooMuchWhenItOpens, HasAStaleSecondHandle, HidesItsFaultPoints,
    LosesEverythingWhenItIsClosed, LosesSnapshotsWhenItIsClosed, NeverFlushes,
    OpensTwiceWithoutAClaim, RemembersWhereAStreamBegins, RenumbersInACopy, ScansEverything,
};

/// A broken store. [`EXPECTED`] has the cases that must fail on it.
struct Mutant {
    name: &'static str,
    bench: Bench,
}

fn bench(make: MakeStore) -> Bench {
    Bench::new(Arc::new(move || {
        let place: Box<dyn Fixture> = Box::new(Nowhere(Arc::clone(&make)));
        Box::pin(async move { place })
    }))
}

fn of<D: Defect + Default>(name: &'static str) -> Mutant {
    let make: MakeStore = Arc::new(|setup| {
        let (good, defect) = (good(setup), D::default());
        Arc::new(Broken { good, defect })
    });
    let bench = bench(make);
    Mutant { name, bench }
}

fn at<F: Fixture>(name: &'static str) -> Mutant {
    let bench = Bench::of::<F>();
    Mutant { name, bench }
}

fn late(name: &'static str, order: Order) -> Mutant {
    let bench = bench(Arc::new(move |setup| Arc::new(Late::new(order, setup))));
    Mutant { name, bench }
}

fn folding(name: &'static str, fold: fn(&str) -> String) -> Mutant {
    let make: MakeStore = Arc::new(move |setup| {
        let (good, defect) = (good(setup), stateful::FoldsNames(Some(fold)));
        Arc::new(Broken { good, defect })
    });
    let bench = bench(make);
    Mutant { name, bench }
}

macro_rules! mutants {
    ($($module:ident { $($name:ident)* })*) => {
        vec![$($(of::<$module::$name>(stringify!($name)),)*)*]
    };
}

fn mutants() -> Vec<Mutant> {
    let mut all = mutants! {
        writing {
            LosesTheSecondEventOfABatch
            IgnoresTheExpectation
            TakesExistsForAny
            TakesAnyForExists
            TakesAnyForNoStream
            TakesExactOneForNoStream
            NeverFindsNoStream
            NeverFindsExists
            AcceptsAVersionThatIsOneTooLow
            KeepsVersionsIn32Bits
            EndsAStreamAt65535Events
            ChecksThenWrites
            RetriesWithTheVersionItFound
            HasOneVersionForAllStreams
            TellsAWrongActualVersion
            BringsNoMissedEvents
            BringsAllMissedEvents
            ReportsTheFirstConflictOnly
            StoresTheFirstPartOfAConflict
            ForgetsToCheckOtherStreams
            SortsTheParts
            LocksStreamsInTheOrderOfTheAppend
            StoresAnEmptyAppend
            SkipsTheCheckOfAnEmptyAppend
            TellsAWrongPosition
            AcceptsDuplicateIds
            StoresABatchUpToTheBadEvent
            HalfWritesWhenItFails
            StoresThoughItSaysThatItDidNot
            WritesEventByEvent
            SaysUnknownForEveryFailure
            ShowsPayloadsInErrors
            AcceptsAKeyForOtherContent
            ForgetsKeys
            AsksTheConditionOfARetry
            SkipsTheConditionUnderAKey
            CutsPayloadsAtNul
            TidiesJsonUp
            RefusesAMegabyte
            SplitsLargeBatches
        }
        stateful {
            RemembersTheLastKeyOnly
            LooksForTheKeyThenWrites
            UsesUpIdsInAConflict
            LeaksWhatTheEngineSays
            SharesItsIdsWithEveryStore
            IsPoisonedByAPanic
            ClaimsToBeDurable
            ClaimsSeveralProcesses
            DoesMoreThanItClaims
            TellsAWrongLimit
            TellsTooManyTags
            TellsTooMuchMetadata
            FoldsNames
        }
        reading {
            SwapsTwoEvents
            LosesMetadata
            LosesTags
            KeepsMilliseconds
            RoundsFloats
            CutsFourByteCharacters
            ChangesOldEvents
            TakesTheTimeFromTheCaller
            ReusesPositions
            TakesAMissingStreamForAnEmptyOne
            TakesAnEmptyRangeForAMissingStream
            FailsWhereNothingMatches
            EndsOneVersionEarly
            IgnoresTheLimit
            IgnoresTheDirection
            TakesNoNameForAllNames
            CountsVersionsInTheFilter
            RepeatsAnEventAtTheEndOfAPage
            LosesAnEventAtTheEndOfAPage
            PagesBackwardByOffset
            DropsWhatDoesNotFitItsBuffer
            TakesTimesAsExclusive
            FindsCategoriesByPrefix
            ReadsTheFirstCategoryOnly
            ReadsOneCategoryAfterTheOther
            TakesNoCategoryForAll
            LeavesNoNameOut
            LeavesOutTheFirstNameOnly
            GivesWhatIsLeftOutWhereItIsNamed
            FiltersByTheFirstNameOnly
            FiltersByTheFirstTagOnly
            ForgetsTheConversation
            FollowsTheFirstCauseOnly
            TakesNoCauseForAnyCause
            FollowsSixteenCausesOnly
            ForgetsOtherFiltersOfAConversation
            TakesTheCauseOrTheConversation
            ForgetsTheStreamUnderAFilter
            MissesTheEventAtTheEndPosition
            BeginsOnePositionEarly
            MissesTheFirstPositionAfter
            KeepsPositionsIn32Bits
            PutsNamesIntoTheQuery
            OrdersByTheTimesOfEvents
            LimitsBeforeItFilters
            SkipsWhatItDoesNotKnow
            GivesEverythingInOnePage
            TakesTheTimeOfRecordingAsExclusive
            LosesWhatIsCommittedBetweenItsPages
            LosesEventsUnderAFilter
        }
        following {
            HasAHoleInEachStream
            InvertsAStream
            GivesAnEventTwice
            HearsOnlyWhatComesWhileItWaits
            KeepsTheLastOfWhatWokeIt
            TellsItsHeadInSteps
        }
        trimming {
            OnlySaysThatItTrims
            TrimsOneTooMany
            TrimsTheOtherStreams
            TakesAMissingStreamForATrimmedOne
            TrimsUpToTheEnd
            CannotTrimTwice
            TrimsThoughItSaysThatItDidNot
            TrimsInTwoSteps
            SaysThatATrimFailedOfWhichNobodyKnows
            ClaimsToTrim
            TrimsWithoutAClaim
            CountsWhatIsLeft
            AlwaysBeginsAtVersionOne
            ForgetsKeysWithTheirEvents
            ForgetsTheContentOfATrimmedKey
            CutsReceiptsWithTheirEvents
            BringsWhatIsLeftOfTheMissedEvents
            GoesOnBehindAHole
            EndsAtAHole
            StopsAtAGap
            LosesAnEventBesideAGap
        }
        waiting {
            HeadRunsAhead
            AnEmptyStoreHasAHead
            HeadLags
            NeverWakes
            WakesTooEarly
            LosesAnEventToAWaitGivenUp
            SeesAMissingStreamAtVersion1
            NeverGivesAReaderBack
            TellsTheVersionOfAll
        }
        places {
            SkipsAnEventAtTheSwitch
        }
        snapshots {
            DeclaresSnapshotsWithoutThem
            HasSnapshotsUndeclared
            DeclaresTrimmingWithoutIt
            IgnoresTheUpperVersion
            TakesTheUpperVersionAsExclusive
            IgnoresTheTimeOfASnapshot
            LooksAtTheNewestSnapshotOnly
            FindsNoOtherFingerprint
            FindsTheNewestOfAnyFingerprint
            RefusesWhatIsNotTheNewest
            ForgetsWhichWasSavedLast
            KeepsTheFirstOfAVersion
            DeletesTheWholeStream
            DeletesUpToButNotIncluding
            DeletesEveryFingerprint
            CountsNothing
            CutsLargeSnapshots
            KeepsSnapshotsAsText
            MakesItsOwnChecksum
            TakesAnEmptyCompressionForNone
            TakesEmptyBytesForNoSnapshot
            HidesASnapshotThatIsNotWhole
            TakesAnyFingerprintForTheOneAskedFor
            BringsASnapshotDownToItsStream
            StopsAtASnapshotThatFails
            KeepsEverySnapshot
            KeepsOneTooMany
            KeepsTheOneSavedLast
            LetsGoOfOtherFingerprints
            FoldsTheStreamsOfSnapshots
            MakesAStreamForASnapshot
            SeesAStreamWhereThereIsASnapshot
            TellsTooLittleForASnapshot
            MakesRoomBeforeItRefuses
            SavesThoughItSaysThatItDidNot
            SaysUnavailableForALostAnswer
            LetsGoInASecondStep
            LooksThenLetsGo
        }
    };
    all.extend([
        folding("TrimsNames", |id| format!("_{}", id.trim())),
        folding("CutsLongNames", |id| id.chars().take(255).collect()),
        late("SkipsWhatCommitsLate", Order::SkipsWhatCommitsLate),
        late("WaitsAtEveryGap", Order::WaitsAtEveryGap),
        late("StopsAtAnEmptyWindow", Order::StopsAtAnEmptyWindow),
        late("TakesPositionsInBlocks", Order::TakesPositionsInBlocks),
        Mutant {
            name: "InheritsItsOrder",
            bench: bench(Arc::new(places::inherits_its_order)),
        },
        at::<RenumbersInACopy>("RenumbersInACopy"),
        at::<ScansEverything>("ScansEverything"),
        at::<HidesItsFaultPoints>("HidesItsFaultPoints"),
        Mutant {
            name: "CutsTooMuchWhenItOpens",
            bench: Bench::of::<CutsTooMuchWhenItOpens>()
                .with_child_of(concat!(module_path!(), "::places")),
        },
        at::<LosesEverythingWhenItIsClosed>("LosesEverythingWhenItIsClosed"),
        at::<LosesSnapshotsWhenItIsClosed>("LosesSnapshotsWhenItIsClosed"),
        Mutant {
            name: "NeverFlushes",
            bench: Bench::of::<NeverFlushes>().with_child_of(concat!(module_path!(), "::places")),
        },
        at::<OpensTwiceWithoutAClaim>("OpensTwiceWithoutAClaim"),
        at::<HasAStaleSecondHandle>("HasAStaleSecondHandle"),
        at::<RemembersWhereAStreamBegins>("RemembersWhereAStreamBegins"),
    ]);
    all
}

/// Which cases fail on which broken store, and what they say.
const EXPECTED: &str = include_str!("expected.txt");

/// Mutant, id of the case, and what it says.
fn expected() -> Vec<(&'static str, &'static str, &'static str)> {
    let lines = EXPECTED.lines().filter(|line| !line.starts_with('#'));
    let read = lines.map(|line| {
        let (place, says) = line.split_once(": ").expect("a line of the list");
        let (mutant, id) = place.split_once(' ').expect("a line of the list");
        assert!(!says.is_empty(), "{place} says nothing");
        (mutant, id, says)
    });
    read.collect()
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

/// Each named case fails on its mutant, and says what is wrong with it. The table shows which mutants stand behind each
/// case.
#[test]
fn each_broken_store_is_caught_by_the_cases_named_for_it() {
    let (mut missed, mut table) = (Vec::new(), String::new());
    let (mutants, expected) = (mutants(), expected());
    for (name, _, _) in &expected {
        let known = mutants.iter().any(|mutant| mutant.name == *name);
        assert!(known, "there is no mutant {name}");
    }
    for mutant in &mutants {
        let bench = mutant.bench.clone().with_patience(Duration::from_secs(3));
        let named = expected.iter().filter(|(name, _, _)| *name == mutant.name);
        let mut left: Vec<_> = named.map(|(_, id, says)| (case(id), *says)).collect();
        assert!(!left.is_empty(), "no case is named for {}", mutant.name);
        let mut said = Vec::new();
        // A race need not show each time.
        for _ in 0..20 {
            if left.is_empty() {
                break;
            }
            let report = run_cases(&bench, left.iter().map(|(case, _)| *case));
            for (case, outcome) in &report.outcomes {
                if let Outcome::Failed(why) = outcome {
                    let why = why.lines().collect::<Vec<_>>().join("|");
                    left.retain(|(left, says)| left.id() != case.id() || !why.contains(says));
                    said.push(format!("{}: {why}", case.id()));
                }
            }
        }
        for (case, says) in left {
            let said: Vec<_> = said
                .iter()
                .filter(|said| said.starts_with(&case.id()))
                .collect();
            missed.push(format!(
                "{} does not say `{says}` on {}, but: {said:?}",
                case.id(),
                mutant.name
            ));
        }
    }
    for case in CASES {
        let id = case.id();
        let by = expected.iter().filter(|(_, of, _)| *of == id);
        let by: Vec<_> = by.map(|(name, _, _)| *name).collect();
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
