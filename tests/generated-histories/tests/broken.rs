//! What the comparisons catch: each subject here has one mistake, and the panic says which.

use eventsource_core::{Schema, prelude::*};
use generated_histories::{Any, Case, Failed, Random, Table, value};
use serde::{Deserialize, Serialize};

const SEED: u64 = 1;

/// Called `a.was` in version 1, with a text.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "a.is", version = 2, was("a.was", before = 2))]
struct Today {
    #[event(was(_: String, before = 2, try_with = |text| text.parse::<u8>()))]
    number: u8,
}

#[derive(Debug, Clone, Serialize)]
struct V1 {
    number: String,
}

impl Any for V1 {
    fn any(random: &mut Random) -> Self {
        let number = String::any(random);
        Self { number }
    }
}

#[derive(Debug, Clone, Serialize)]
struct V2 {
    number: u8,
}

impl Any for V2 {
    fn any(random: &mut Random) -> Self {
        let number = u8::any(random);
        Self { number }
    }
}

fn tried(V1 { number }: V1, to: u32, field: &'static str) -> Result<Today, Failed> {
    let mut failed = Failed::default();
    let number = failed.or(to, Some(field), number.parse().ok());
    failed.check()?;
    let number = number.expect("did not fail");
    Ok(Today { number })
}

fn from_1(old: V1) -> Result<Today, Failed> {
    tried(old, 2, "number")
}

#[expect(clippy::unnecessary_wraps, reason = "conversions may fail")]
fn from_2(V2 { number }: V2) -> Result<Today, Failed> {
    Ok(Today { number })
}

fn case() -> Case {
    Case::new::<Today>(SEED, "x1")
}

#[test]
fn a_history_without_a_mistake_passes() {
    let mut case = case();
    case.version(1, "a.was", false, from_1);
    case.version(2, "a.is", false, from_2);
    let tally = case.done(2);
    assert!(
        tally.today > 0 && tally.upcast > 0 && tally.failed_field > 0,
        "{tally:?}"
    );
}

#[test]
#[should_panic(expected = "assertion `left == right` failed: x1 v2")]
fn another_value_is_caught() {
    case().version(2, "a.is", false, |V2 { number }| {
        let number = number ^ 1;
        Ok::<_, Failed>(Today { number })
    });
}

#[test]
#[should_panic(expected = "is read as Ok")]
fn a_value_that_should_have_failed_is_caught() {
    case().version(2, "a.is", false, |V2 { number }| {
        let mut failed = Failed::default();
        let checked = failed.or(2, Some("number"), (number < 100).then_some(number));
        failed.check()?;
        let number = checked.expect("did not fail");
        Ok(Today { number })
    });
}

#[test]
#[should_panic(expected = "is read as Err")]
fn a_value_that_should_not_have_failed_is_caught() {
    case().version(1, "a.was", false, |old: V1| {
        let number = old.number.parse().unwrap_or_default();
        Ok::<_, Failed>(Today { number })
    });
}

#[test]
#[should_panic(expected = "is not one of Failed([(2, Some(\"amount\"))])")]
fn an_error_that_names_another_field_is_caught() {
    case().version(1, "a.was", false, |old: V1| tried(old, 2, "amount"));
}

#[test]
#[should_panic(expected = "is not one of Failed([(3, Some(\"number\"))])")]
fn an_error_that_names_another_version_is_caught() {
    case().version(1, "a.was", false, |old: V1| tried(old, 3, "number"));
}

#[test]
#[should_panic(expected = "x1 v1: no value can be brought to today")]
fn a_version_of_which_nothing_can_be_read_is_caught() {
    #[derive(Debug, Clone, Serialize)]
    struct Word {
        number: &'static str,
    }
    impl Any for Word {
        fn any(_: &mut Random) -> Self {
            Self {
                number: "no number",
            }
        }
    }
    case().version(1, "a.was", false, |Word { number }| {
        from_1(V1 {
            number: number.to_owned(),
        })
    });
}

#[test]
#[should_panic(expected = "a field that it never had")]
fn a_version_that_is_not_as_strict_as_it_should_be_is_caught() {
    case().version(2, "a.is", true, from_2);
}

#[test]
#[should_panic(expected = "[\"a.was\"]")]
fn a_version_under_another_name_is_caught() {
    case().version(1, "a.is", false, from_1);
}

#[test]
#[should_panic(expected = "no version is left out")]
fn a_version_that_is_left_out_is_caught() {
    case().version(2, "a.is", false, from_2);
}

#[test]
#[should_panic(expected = "x1")]
fn a_newest_version_that_was_not_met_is_caught() {
    let mut case = case();
    case.version(1, "a.was", false, from_1);
    case.done(2);
}

/// A value with the same history.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Value {
    #[event(was(_: String, before = 2, try_with = |text| text.parse::<u8>()))]
    number: u8,
}

fn value_from_1(old: V1) -> Result<Value, Failed> {
    let Today { number } = from_1(old)?;
    Ok(Value { number })
}

#[test]
fn a_value_without_a_mistake_passes() {
    value::<_, Value, 1>(SEED, "x1", value_from_1);
}

#[test]
#[should_panic(expected = "assertion `left == right` failed: x1 v1")]
fn a_value_that_becomes_another_is_caught() {
    value::<_, Value, 1>(SEED, "x1", |old| {
        let Value { number } = value_from_1(old)?;
        Ok(Value { number: number ^ 1 })
    });
}

#[test]
#[should_panic(expected = "is not one of Failed([(2, Some(\"amount\"))])")]
fn a_value_that_fails_elsewhere_is_caught() {
    value::<_, Value, 1>(SEED, "x1", |old| {
        let Today { number } = tried(old, 2, "amount")?;
        Ok(Value { number })
    });
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "x1", id = u64, error = std::convert::Infallible, events(Today))]
struct State {
    seen: Vec<String>,
}

impl Apply<Today> for State {
    fn apply(&mut self, event: &Today) {
        self.seen.push(format!("{event:?}"));
    }
}

/// Sees nothing.
#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "x2", id = u64, error = std::convert::Infallible, events(Today as One))]
struct Blind;

impl Apply<Today> for Blind {
    fn apply(&mut self, _: &Today) {}
}

fn table() -> Table<State> {
    Table::new(SEED, "x1", |state| &state.seen)
}

#[test]
fn a_table_without_a_mistake_passes() {
    let mut table = table();
    table.read("a.was", 1, from_1, |shown| vec![shown]);
    table.read("a.is", 2, from_2, |shown| vec![shown]);
    table.has_another_name::<V1>("a.is", 1);
    table.knows_up_to("a.was", 2);
    table.knows_no_other();
}

#[test]
#[should_panic(expected = "x1: a.is v2")]
fn parts_that_are_others_are_caught() {
    table().read("a.is", 2, from_2, |shown| vec![shown.clone(), shown]);
}

#[test]
#[should_panic(expected = "x2: a.is v2")]
fn a_state_that_did_not_see_an_event_is_caught() {
    let mut table = Table::<Blind>::new(SEED, "x2", |_| &[]);
    table.read("a.is", 2, from_2, |shown| vec![shown]);
}

#[test]
#[should_panic(expected = "NameOfOtherVersion")]
fn a_name_that_the_version_did_not_have_is_caught() {
    table().read("a.was", 2, from_2, |shown| vec![shown]);
}

#[test]
#[should_panic(expected = "x1: a.is v2: Ok(1)")]
fn a_name_that_the_version_had_after_all_is_caught() {
    table().has_another_name::<V2>("a.is", 2);
}

#[test]
#[should_panic(expected = "x1: a.is after v1")]
fn a_version_that_is_known_after_all_is_caught() {
    table().knows_up_to("a.is", 1);
}
