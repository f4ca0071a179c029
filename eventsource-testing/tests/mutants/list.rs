//! The list of broken stores.

use std::sync::Arc;

use eventsource_testing::suite::{Bench, Fixture};

use crate::{
    broken::{Broken, Defect, MakeStore, Nowhere, good},
    builds, following,
    kept::{Keeping, KeptDefect},
    late::{Late, Order},
    leases, places,
    places::{
        CutsTooMuchWhenItOpens, HasAStaleSecondHandle, HidesItsFaultPoints,
        LosesEverythingWhenItIsClosed, LosesSnapshotsWhenItIsClosed, NeverFlushes,
        OpensTwiceWithoutAClaim, RemembersWhereAStreamBegins, RenumbersInACopy, ScansEverything,
    },
    reading, snapshots, stateful, steps, trimming, waiting, writing,
};

/// The module of the places, whose test acts as the child.
const PLACES: &str = "mutants::places";

/// A broken store. `expected.txt` has the cases that must fail on it.
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) bench: Bench,
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

fn keeping<D: KeptDefect + Default>(name: &'static str) -> Mutant {
    let make: MakeStore = Arc::new(|setup| {
        let (good, defect) = (good(setup), D::default());
        Arc::new(Keeping { good, defect })
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
    ($make:ident: $($module:ident { $($name:ident)* })*) => {
        vec![$($($make::<$module::$name>(stringify!($name)),)*)*]
    };
}

pub(crate) fn mutants() -> Vec<Mutant> {
    let mut all = mutants! {
        of:
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
            LosesWhatWokeAReaderOfAll
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
            ForgetsWhatItHasTrimmed
            TellsOfTrimsOfEveryCategory
            TellsOfTrimsThatAreBehind
            LooksAtTheFirstCategoryOnly
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
    all.extend(mutants! {
        keeping:
        builds {
            OnlySaysThatItDeletes
            CannotDeleteTwice
            ForgetsTheNumbersOfWhatWasDeleted
            FoldsTheNamesOfProjections
            ResetsByDeleting
            ResetsNothing
            SwitchesToWhatIsBehind
            WantsMoreThanWhatIsRead
            OnlySaysThatItSwitches
            DropsWhatIsRead
            DeclaresProjectionsWithoutThem
            HasProjectionsUndeclared
        }
        steps {
            MovesFromAnywhere
            TakesAStepBackForNone
            ParksThenMoves
            LooksThenMoves
            ForgetsWhatIsParked
            MovesToTheHead
            KeepsAStepWithTheNext
            KeepsTheFirstError
            LetsGoOfWhatIsNotParked
            ParksBeforeItLetsGo
            LetsGoOfTheWholeStream
            ParksAgainBesideTheFirst
            CutsErrors
            TakesAnEmptyErrorForNone
            TrimsTheStreamsOfParkedEvents
            MovesThoughItSaysThatItDidNot
            SaysUnavailableForALostStep
            KeepsCheckpointsIn32Bits
            KeepsFingerprintsIn32Bits
            CountsNoParkedEvents
            GivesTheNewestBuildFirst
            GivesParkedEventsAsTheyCame
            IgnoresTheStreamOfParkedEvents
            FindsTheStreamsOfParkedEventsByPrefix
            TakesBeyondForFrom
            LimitsParkedEventsBeforeItFilters
            TakesNoParkedEventForAll
            RepeatsTheStreamsOfParkedEvents
        }
        leases {
            GivesALeaseThatIsHeld
            WaitsForALeaseToBeGivenBack
            RefusesWhoHasIt
            KeepsTheTokenOfWhoComesBack
            CutsLongLeases
            LooksThenTakes
            TakesOverInTwoSteps
            TakesThoughItSaysThatItDidNot
            SaysUnavailableForALostLease
            RenewsWhatIsLost
            ChangesTheTokenOfWhatItRenews
            EndsLongLeasesEarly
            GivesBackWhatOthersHave
            OnlySaysThatItGivesBack
            FoldsTheNamesOfLeases
            DeclaresLeasesWithoutThem
            HasLeasesUndeclared
            ForgetsTheFenceOfABuild
            ForgetsTheFenceOfAStep
            ForgetsTheFenceOfASwitch
            ForgetsTheFenceOfADrop
            ForgetsTheFenceOfADeletion
            TakesAnyTokenForTheOne
            TakesWhatWasGivenBackForHeld
            LooksAtTheFenceLast
            LooksAtTheFenceFirst
        }
    });
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
            bench: Bench::of::<CutsTooMuchWhenItOpens>().with_child_of(PLACES),
        },
        at::<LosesEverythingWhenItIsClosed>("LosesEverythingWhenItIsClosed"),
        at::<LosesSnapshotsWhenItIsClosed>("LosesSnapshotsWhenItIsClosed"),
        Mutant {
            name: "NeverFlushes",
            bench: Bench::of::<NeverFlushes>().with_child_of(PLACES),
        },
        at::<OpensTwiceWithoutAClaim>("OpensTwiceWithoutAClaim"),
        at::<HasAStaleSecondHandle>("HasAStaleSecondHandle"),
        at::<RemembersWhereAStreamBegins>("RemembersWhereAStreamBegins"),
    ]);
    all
}
