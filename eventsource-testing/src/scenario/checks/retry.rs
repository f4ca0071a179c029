//! Retry: the same command once more, on the state that it has led to.

use eventsource_core::{Aggregate, AggregateEvent};

use crate::scenario::{
    check::{Check, Checks},
    command::Command,
    report::{
        Block,
        name::short,
        text::{chain, count},
    },
};

const NOT_IDEMPOTENT: &str = "let the handler see in the state that the command was already done, and answer with \
                              `Events::none()`; or declare the refusal that is to come: `.and_retry_error(..)`";

/// What is to come of the second time.
pub(in crate::scenario) enum Again<'a, A: Aggregate> {
    Nothing,
    Refusal {
        expected: String,
        accepts: &'a dyn Fn(&A::Error) -> bool,
    },
}

/// Decides the command on the state that it has led to, where it reaches its handler.
pub(in crate::scenario) fn retry<A: Aggregate>(
    command: &Command<A>,
    after: Option<&A>,
    reaches: bool,
    expected: &Again<'_, A>,
    checks: &mut Checks,
) {
    checks.ask(Check::Retry);
    if !checks.is_on(Check::Retry) {
        return;
    }
    checks.looked(Check::Retry);
    let came = if reaches { command.decide(after) } else { None };
    let again = format!("`{}`, which came a second time,", short(command.name));
    let text = match (came, expected) {
        (None, Again::Nothing) => return,
        (Some(Ok(events)), Again::Nothing) if events.is_empty() => return,
        (Some(Err(refusal)), Again::Refusal { accepts, .. }) if accepts(&refusal) => return,
        (Some(Ok(events)), _) => {
            let names = events.as_slice().iter().map(|event| event.schema().name);
            let names = names.collect::<Vec<_>>().join(", ");
            match events.len() {
                0 => Block::from(format!("{again} made nothing happen, but is to be refused")),
                n => format!("{again} made {} happen: {names}", count(n, "event")).into(),
            }
        }
        (Some(Err(refusal)), Again::Nothing) => {
            format!("{again} was refused: {}\n  {refusal:?}", chain(&refusal)).into()
        }
        (Some(Err(refusal)), Again::Refusal { expected, .. }) => {
            format!("{again} was refused with another error\n  expected: {expected}\n  actual:   {refusal:?}").into()
        }
        (None, Again::Refusal { .. }) => {
            format!("{again} did not come to its handler, since the aggregate exists").into()
        }
    };
    checks.find(Check::Retry, text, NOT_IDEMPOTENT);
}
