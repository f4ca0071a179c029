//! What was played.

use std::fmt;

use crate::scenario::{Step, short};

/// What random histories were made of, so that a test can say that enough of it happened.
///
/// It is shown as a table, with a line for each type of command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    histories: u64,
    events: u64,
    commands: Vec<Commands>,
}

/// What became of the commands of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Commands {
    name: &'static str,
    accepted: u64,
    refused: u64,
    out_of_place: u64,
    /// The words of the first refusal.
    words: Option<String>,
}

impl Tally {
    /// How many histories were played.
    pub fn histories(&self) -> u64 {
        self.histories
    }

    /// How many commands came.
    pub fn commands(&self) -> u64 {
        self.commands.iter().map(Commands::all).sum()
    }

    /// How many of them were accepted.
    pub fn accepted(&self) -> u64 {
        self.commands.iter().map(|one| one.accepted).sum()
    }

    /// How many of them are in no history: their handler refused them, or they did not come to it, since there was no
    /// aggregate yet, or there was one already.
    pub fn refused(&self) -> u64 {
        self.commands() - self.accepted()
    }

    /// How many events they made happen.
    pub fn events(&self) -> u64 {
        self.events
    }

    pub(super) fn begin(&mut self) {
        self.histories += 1;
    }

    pub(super) fn add(&mut self, name: &'static str, step: Step) {
        let known = self.commands.iter().position(|one| one.name == name);
        let at = known.unwrap_or_else(|| {
            self.commands.push(Commands::none(name));
            self.commands.len() - 1
        });
        let one = &mut self.commands[at];
        match step {
            Step::Accepted(events) => {
                one.accepted += 1;
                self.events += events as u64;
            }
            Step::Refused(words) => {
                one.refused += 1;
                one.words.get_or_insert(words);
            }
            Step::OutOfPlace => one.out_of_place += 1,
        }
    }
}

impl Commands {
    fn none(name: &'static str) -> Self {
        Self {
            name,
            accepted: 0,
            refused: 0,
            out_of_place: 0,
            words: None,
        }
    }

    fn all(&self) -> u64 {
        self.accepted + self.refused + self.out_of_place
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} histories of {} commands: {} accepted, {} refused, {} events",
            self.histories,
            self.commands(),
            self.accepted(),
            self.refused(),
            self.events
        )?;
        let lines = self.commands.iter().map(|one| (short(one.name), one));
        let mut lines: Vec<_> = lines.collect();
        lines.sort_by(|(one, _), (other, _)| one.cmp(other));
        let width = lines.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or(0);
        for (name, one) in lines {
            let (accepted, refused) = (one.accepted, one.refused);
            write!(
                f,
                "\n  {name:<width$}  {accepted} accepted, {refused} refused"
            )?;
            if one.out_of_place > 0 {
                write!(f, ", {} out of place", one.out_of_place)?;
            }
            if let Some(words) = &one.words {
                write!(f, ", the first: {words}")?;
            }
        }
        Ok(())
    }
}
