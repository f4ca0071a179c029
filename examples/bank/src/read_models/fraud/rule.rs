//! The rule by which an account is emptied in haste. It knows no store.
//!
//! **Within seven days, three or more withdrawals together took more than a third of all that had ever come in.**
//!
//! - A withdrawal counts on the day on which it occurred, also where it is stored after later ones.
//! - A case is found when the last of its withdrawals is stored; what had come in is what was stored by then.
//! - It is made of all withdrawals of its seven days that are part of no other case. Where one withdrawal completes several
//!   seven days, the earliest of these are the case.

use std::ops::RangeInclusive;

use eventsource_core::EventId;

use crate::date::Date;

/// How many days are looked at together, the first and the last included.
const DAYS: i64 = 7;

/// Fewer withdrawals are no haste.
const AT_LEAST: usize = 3;

/// More than one part of so many.
const PART: i128 = 3;

/// The days on which there may be withdrawals that make a case with one of this day.
pub fn near(day: Date) -> RangeInclusive<Date> {
    day.days_later(1 - DAYS)..=day.days_later(DAYS - 1)
}

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
    /// The withdrawals that are part of no case yet, in the order of the account's stream. Those alone are needed that are
    /// [`near`] the one that comes.
    pub open: Vec<Taken>,
}

impl Watch {
    /// Money came in.
    pub fn credited(&mut self, haler: i64) {
        self.came_in = self.came_in.saturating_add(haler);
    }

    /// Money went out. The withdrawals of a case are gone from here: no event is part of two cases.
    pub fn withdrawn(&mut self, taken: Taken) -> Option<Case> {
        let day = taken.day;
        self.open.push(taken);
        // The seven days may end with this one, or with any of the next six.
        (0..DAYS).find_map(|later| self.case_of_days_to(day, later))
    }

    /// The case of the days that end with the day `later` days after this one.
    fn case_of_days_to(&mut self, day: Date, later: i64) -> Option<Case> {
        let is_of_them = |taken: &Taken| (0..DAYS).contains(&(taken.day.days_until(day) + later));
        let (mut many, mut sum) = (0, 0_i128);
        for taken in self.open.iter().filter(|taken| is_of_them(taken)) {
            many += 1;
            sum += i128::from(taken.haler);
        }
        if many < AT_LEAST || sum * PART <= i128::from(self.came_in) {
            return None;
        }
        let open = std::mem::take(&mut self.open);
        let (taken, open) = open.into_iter().partition(is_of_them);
        self.open = open;
        Some(Case {
            came_in: self.came_in,
            taken,
        })
    }

    /// A movement was undone: it neither came in nor went out. A case that it was part of stays one.
    pub fn reversed(&mut self, event: EventId, change_haler: i64) {
        if change_haler < 0 {
            self.credited(change_haler);
        }
        self.open.retain(|taken| taken.event != event);
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
    fn a_withdrawal_counts_on_the_day_on_which_it_occurred_whenever_it_is_stored() {
        let none = Vec::<Vec<u64>>::new();
        let long_before = [taken(3, 28, 10), taken(4, 29, 10), taken(5, 1, 14)];
        assert_eq!(cases(90, &long_before), none);
        let day_before = [taken(3, 28, 10), taken(4, 29, 10), taken(5, 27, 11)];
        assert_eq!(cases(90, &day_before), [[3, 4, 5]]);
        // One that was stored in between takes nothing away.
        let after_all = [&long_before[..], &[taken(6, 30, 11)]].concat();
        assert_eq!(cases(90, &after_all), [[3, 4, 6]]);
        // Three days within twelve, the middle one stored last: no seven have all of them.
        let between = [taken(3, 1, 20), taken(4, 12, 20), taken(5, 7, 20)];
        assert_eq!(cases(90, &between), none);
        // Where it completes the seven days before it and those after it, the earlier ones are the case.
        let both = [
            taken(3, 12, 20),
            taken(4, 13, 20),
            taken(5, 1, 20),
            taken(6, 2, 20),
            taken(7, 7, 20),
            taken(8, 11, 20),
        ];
        assert_eq!(cases(90, &both), [[5, 6, 7], [3, 4, 8]]);
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
