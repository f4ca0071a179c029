//! The rule by which an account is emptied in haste. It knows no store.
//!
//! **Within seven days, three or more withdrawals together took more than a third of all that had ever come in.**

use eventsource_core::EventId;

use crate::date::Date;

/// The days of a window, the first and the last included.
const DAYS: i64 = 7;

/// Fewer withdrawals are no haste.
const AT_LEAST: usize = 3;

/// More than one part of so many.
const PART: i128 = 3;

/// A withdrawal that may be part of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its event.
    pub event: EventId,
    /// The version of that event in the account's stream.
    pub version: u64,
    /// When.
    pub day: Date,
    /// How much.
    pub haler: i64,
}

/// A case: the withdrawals that make it, the last of which made it one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What had come in by then, in haler.
    pub came_in: i64,
    /// The withdrawals, in the order of the account's stream.
    pub taken: Vec<Taken>,
}

/// What has to be known of an account to see its next case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watch {
    /// What has come in so far, in haler.
    pub came_in: i64,
    /// The withdrawals of the window that are part of no case yet, in the order of the account's stream.
    pub recent: Vec<Taken>,
}

impl Watch {
    /// Money came in.
    pub fn credited(&mut self, haler: i64) {
        self.came_in = self.came_in.saturating_add(haler);
    }

    /// Money went out. A withdrawal that makes a case ends its window: no event is part of two cases.
    pub fn withdrawn(&mut self, taken: Taken) -> Option<Case> {
        self.recent
            .retain(|earlier| earlier.day.days_until(taken.day) < DAYS);
        self.recent.push(taken);
        let sum: i128 = self
            .recent
            .iter()
            .map(|taken| i128::from(taken.haler))
            .sum();
        if self.recent.len() < AT_LEAST || sum * PART <= i128::from(self.came_in) {
            return None;
        }
        Some(Case {
            came_in: self.came_in,
            taken: std::mem::take(&mut self.recent),
        })
    }

    /// A movement was undone: it neither came in nor went out. A case that it was part of stays one.
    pub fn reversed(&mut self, event: EventId, change_haler: i64) {
        if change_haler < 0 {
            self.credited(change_haler);
        }
        self.recent.retain(|taken| taken.event != event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(version: u64, day: u32, haler: i64) -> Taken {
        Taken {
            event: id(version),
            version,
            day: format!("1994-01-{day:02}").parse().unwrap(),
            haler,
        }
    }

    fn id(version: u64) -> EventId {
        format!("00000000-0000-7000-8000-{version:012}")
            .parse()
            .unwrap()
    }

    /// The versions of each case.
    fn cases(came_in: i64, all: &[Taken]) -> Vec<Vec<u64>> {
        let mut watch = Watch::default();
        watch.credited(came_in);
        let cases = all
            .iter()
            .filter_map(|taken| watch.withdrawn(taken.clone()));
        let versions = |case: Case| case.taken.iter().map(|taken| taken.version).collect();
        cases.map(versions).collect()
    }

    #[test]
    fn three_withdrawals_of_more_than_a_third_within_seven_days_are_a_case() {
        let seven_days = [taken(3, 1, 10), taken(4, 2, 10), taken(5, 7, 11)];
        assert_eq!(cases(90, &seven_days), [[3, 4, 5]]);
        assert_eq!(cases(93, &seven_days), Vec::<Vec<u64>>::new(), "a third");
        let eight_days = [taken(3, 1, 10), taken(4, 2, 10), taken(5, 8, 11)];
        assert_eq!(cases(90, &eight_days), Vec::<Vec<u64>>::new());
        let two = [taken(3, 1, 50), taken(4, 2, 40)];
        assert_eq!(cases(90, &two), Vec::<Vec<u64>>::new());
    }

    #[test]
    fn no_withdrawal_is_part_of_two_cases() {
        let all: Vec<Taken> = (3..=9).map(|version| taken(version, 1, 20)).collect();
        assert_eq!(cases(100, &all), [[3, 4, 5], [6, 7, 8]]);
    }

    #[test]
    fn the_window_moves_on_and_keeps_what_is_within_it() {
        let all = [
            taken(3, 1, 10),
            taken(4, 6, 10),
            taken(5, 9, 10),
            taken(6, 12, 14),
        ];
        assert_eq!(cases(100, &all), [[4, 5, 6]]);
    }

    #[test]
    fn what_is_undone_counts_as_if_it_had_not_been() {
        let mut watch = Watch::default();
        watch.credited(90);
        assert_eq!(watch.withdrawn(taken(3, 1, 20)), None);
        watch.reversed(id(3), 20);
        assert_eq!(watch.withdrawn(taken(4, 1, 20)), None);
        assert_eq!(watch.withdrawn(taken(5, 1, 11)), None);
        // A credit of 30 is undone, and 31 are more than a third of the other 60.
        watch.reversed(id(2), -30);
        let case = watch.withdrawn(taken(6, 1, 1)).expect("a case");
        assert_eq!((case.came_in, case.taken.len()), (60, 3));
    }
}
