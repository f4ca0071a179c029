//! Split fold and snapshot: a history may be cut in two anywhere.

use std::{any::type_name, iter::once};

use eventsource_core::{
    __private::{JsonState, SnapshotOf},
    Aggregate,
};

use super::{
    contrast,
    fold::{Stop, fold},
    replay::NOT_FOLDED,
    same_state,
};
use crate::scenario::{
    check::{Check, Checks},
    report::{Block, name::short, state::shown, text::chain},
};

const NOT_SPLIT: &str =
    "keep all that `apply` needs in the state itself, and let a clone of it share nothing with it";
const NOT_RESTORED: &str = "serialize every field of the state, also of the types within it (no `#[serde(skip)]`), and let serialize \
                            and deserialize mirror each other";

const NOT_RESTORED_BY_CODEC: &str = "let the codec of the snapshots write every field of the state, also of the types within it (no \
                                     `#[serde(skip)]`), and read each of them back";

const UNSEEN: &str = "what a snapshot loses would be seen only where it stops the rest";

/// A history is cut at so many places at the most, so that a long one costs no more than its length.
const MOST_CUTS: usize = 128;

/// Folds the history in two parts, cut after each of its events: the second into a clone, and into what a snapshot gives
/// back.
pub(in crate::scenario) fn every_cut<A: Aggregate>(events: &[&A::Event], checks: &mut Checks) {
    let split = checks.is_on(Check::SplitFold) && splits::<A>(events, checks);
    let snapshot = if checks.is_on(Check::Snapshot) {
        snapshots::<A>(checks)
    } else {
        None
    };
    if !split && snapshot.is_none() {
        return;
    }
    let mut whole = A::initial();
    if let Err(stop) = fold(&mut whole, events) {
        return not_again(&stop, checks);
    }
    let cuts = Cuts {
        events,
        whole: whole.as_ref(),
    };
    let mut walker = A::initial();
    for (place, step) in steps(events.len(), checks) {
        if let Err(stop) = fold(&mut walker, &events[step]) {
            return not_again(&stop, checks);
        }
        if split && !cuts.split(place, walker.as_ref(), checks) {
            return;
        }
        if let (Some(kept), Some(state)) = (&snapshot, &walker)
            && !cuts.snapshot(place, state, kept, checks)
        {
            return;
        }
    }
    // What was folded into the clones was not to reach the state that they were made from.
    if split && !same_state(walker.as_ref(), cuts.whole, Check::SplitFold, "", checks) {
        let what = "the state changed while other events were folded into its clones";
        let shown = (shown(cuts.whole), shown(walker.as_ref()));
        let text = contrast(
            what,
            ("folded alone", &shown.0),
            ("beside clones", &shown.1),
        );
        checks.find(Check::SplitFold, text, NOT_SPLIT);
    }
}

/// The same events were folded before, and now they cannot be.
#[cold]
fn not_again(stop: &Stop, checks: &mut Checks) {
    let check = match stop {
        Stop::Panic(_) if checks.is_on(Check::NoPanic) => Check::NoPanic,
        _ if checks.is_on(Check::SplitFold) => Check::SplitFold,
        _ => Check::Snapshot,
    };
    let text = format!(
        "the history was folded before, and cannot be folded again: {}",
        stop.says()
    );
    checks.find(check, text, NOT_FOLDED);
}

/// Whether there is something to split.
fn splits<A: Aggregate>(events: &[&A::Event], checks: &mut Checks) -> bool {
    let (abilities, name) = (A::abilities(), short(type_name::<A>()));
    if abilities.eq_state.is_none() {
        checks.no_subject(Check::SplitFold, || {
            format!("`{name}` has no `PartialEq`: states cannot be compared")
        });
        return false;
    }
    if events.is_empty() {
        return false;
    }
    if abilities.clone_state.is_none() {
        checks.limit(Check::SplitFold, || {
            format!("`{name}` has no `Clone`: each second part was folded into a state of its own")
        });
    }
    true
}

/// How a state is kept.
enum Kept<A> {
    /// As its snapshots are, by the codec that it names.
    AsSnapshot(SnapshotOf<A>),
    /// As JSON, where there are no snapshots of it and could be.
    AsJson(JsonState<A>),
}

impl<A> Kept<A> {
    /// What of the state is there after it was kept.
    fn restored(&self, state: &A) -> Result<A, String> {
        let mut written = Vec::new();
        match self {
            Self::AsSnapshot(own) => (own.encode)(state, &mut written)
                .and_then(|()| (own.decode)(&written))
                .map_err(|error| chain(&error)),
            Self::AsJson(json) => (json.write)(state, &mut written)
                .and_then(|()| (json.read)(&written))
                .map_err(|error| error.to_string()),
        }
    }

    /// What to do where something is lost.
    fn hint(&self) -> &'static str {
        match self {
            Self::AsSnapshot(_) => NOT_RESTORED_BY_CODEC,
            Self::AsJson(_) => NOT_RESTORED,
        }
    }
}

/// How a snapshot is taken, where one can be.
fn snapshots<A: Aggregate>(checks: &mut Checks) -> Option<Kept<A>> {
    let (abilities, name) = (A::abilities(), short(type_name::<A>()));
    let json = || abilities.json_state.map(Kept::AsJson);
    let kept = abilities.snapshot.map(Kept::AsSnapshot).or_else(json);
    if kept.is_none() {
        checks.no_subject(Check::Snapshot, || {
            format!("`{name}` is not `Serialize` and `Deserialize`")
        });
    }
    kept
}

/// The places at which to cut, and the events from the last place to each.
fn steps(
    events: usize,
    checks: &mut Checks,
) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + use<> {
    if events > MOST_CUTS {
        for check in [Check::SplitFold, Check::Snapshot] {
            checks.limit(check, || {
                format!("the {events} events were cut at {MOST_CUTS} places only")
            });
        }
    }
    let cuts = events.min(MOST_CUTS);
    let place = move |cut: usize| cut * events / cuts.max(1);
    once((0, 0..0)).chain((1..=cuts).map(move |cut| (place(cut), place(cut - 1)..place(cut))))
}

struct Cuts<'a, A: Aggregate> {
    events: &'a [&'a A::Event],
    /// The state of the whole history.
    whole: Option<&'a A>,
}

impl<A: Aggregate> Cuts<'_, A> {
    fn rest(&self, state: &mut Option<A>, place: usize) -> Result<(), Stop> {
        fold(state, &self.events[place..])
    }

    fn split(&self, place: usize, first: Option<&A>, checks: &mut Checks) -> bool {
        let mut second = A::initial();
        let folded = if let (Some(clone), Some(first)) = (A::abilities().clone_state, first) {
            second = Some(clone(first));
            self.rest(&mut second, place)
        } else {
            fold(&mut second, self.events)
        };
        if let Err(stop) = folded {
            let text = format!("{}: {}", self.cut(place), stop.says());
            checks.find(Check::SplitFold, text, NOT_SPLIT);
            return false;
        }
        checks.looked(Check::SplitFold);
        if same_state(second.as_ref(), self.whole, Check::SplitFold, "", checks) {
            return true;
        }
        let what = format!("{}, the history leads to another state", self.cut(place));
        let text = self.against_whole(&what, "in two parts", second.as_ref());
        checks.find(Check::SplitFold, text, NOT_SPLIT);
        false
    }

    fn snapshot(&self, place: usize, state: &A, kept: &Kept<A>, checks: &mut Checks) -> bool {
        checks.looked(Check::Snapshot);
        let what = |what: &str| format!("a snapshot after {} {what}", self.count(place));
        let hint = kept.hint();
        let restored = match kept.restored(state) {
            Ok(restored) => restored,
            Err(error) => {
                let text = format!("{}: {error}", what("cannot be written and read"));
                checks.find(Check::Snapshot, text, hint);
                return false;
            }
        };
        if !same_state(
            Some(state),
            Some(&restored),
            Check::Snapshot,
            UNSEEN,
            checks,
        ) {
            let what = what("gives back another state");
            let (taken, given) = (shown(Some(state)), shown(Some(&restored)));
            let text = contrast(&what, ("taken", &taken), ("given back", &given));
            checks.find(Check::Snapshot, text, hint);
            return false;
        }
        let mut restored = Some(restored);
        if let Err(stop) = self.rest(&mut restored, place) {
            let text = format!("{}: {}", what("does not take the rest"), stop.says());
            checks.find(Check::Snapshot, text, hint);
            return false;
        }
        if same_state(
            self.whole,
            restored.as_ref(),
            Check::Snapshot,
            UNSEEN,
            checks,
        ) {
            return true;
        }
        let what = what("does not lead to the state of the whole history");
        let text = self.against_whole(&what, "from the snapshot", restored.as_ref());
        checks.find(Check::Snapshot, text, hint);
        false
    }

    fn against_whole(&self, what: &str, label: &str, state: Option<&A>) -> Block {
        let (whole, state) = (shown(self.whole), shown(state));
        contrast(what, ("in one", &whole), (label, &state))
    }

    fn count(&self, place: usize) -> String {
        format!("{place} of {} events", self.events.len())
    }

    fn cut(&self, place: usize) -> String {
        format!("cut after {}", self.count(place))
    }
}
