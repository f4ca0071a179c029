//! The text of a failure. Nothing here knows the aggregate's types, so that it is compiled once.

pub(super) mod json;
pub(super) mod name;
pub(super) mod state;
pub(super) mod table;
pub(super) mod text;

use std::{fmt, slice::from_ref};

use self::json::Side;

/// A failed scenario, in the order in which it is read.
pub(super) struct Report {
    /// The category of the aggregate.
    pub(super) aggregate: &'static str,
    /// What is wrong, in one line.
    pub(super) header: String,
    pub(super) given: Vec<Given>,
    pub(super) command: Option<String>,
    /// What was expected and what came.
    pub(super) body: Vec<String>,
    /// What the checks found.
    pub(super) findings: Vec<String>,
    /// The state at the time of the decision.
    pub(super) state: Option<String>,
    /// What could not be checked, or was not to be.
    pub(super) notes: Vec<String>,
    pub(super) hints: Vec<String>,
}

/// An event of the history.
pub(super) struct Given {
    pub(super) stored: Side,
    /// What today's code makes of it, where that differs: one event, several, or none.
    pub(super) read_as: Option<Vec<Side>>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}\n", self.aggregate, self.header)?;
        self.story(f)?;
        if !self.body.is_empty() {
            writeln!(f)?;
            block(f, &self.body)?;
        }
        for finding in &self.findings {
            writeln!(f)?;
            block(f, from_ref(finding))?;
        }
        if self.state.is_some() || !self.notes.is_empty() {
            writeln!(f)?;
        }
        if let Some(state) = &self.state {
            block(f, &[format!("state at the decision: {state}")])?;
        }
        block(f, &self.notes)?;
        writeln!(f)?;
        for hint in &self.hints {
            block(f, &[format!("hint: {hint}")])?;
        }
        Ok(())
    }
}

impl Report {
    fn story(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .given
            .iter()
            .map(|given| given.stored.title().chars().count())
            .max();
        let width = width.unwrap_or(0);
        for (number, given) in (1..).zip(&self.given) {
            let lead = if number == 1 { "given" } else { "" };
            let (title, payload) = (given.stored.title(), given.stored.payload());
            let line = format!("  {lead:<5} {number:>2}  {title:<width$}  {payload}");
            writeln!(f, "{}", line.trim_end())?;
            match given.read_as.as_deref() {
                None => {}
                Some([]) => writeln!(f, "            read as nothing")?,
                Some([first, more @ ..]) => {
                    writeln!(f, "            read as {}", first.inline())?;
                    for part in more {
                        writeln!(f, "                and {}", part.inline())?;
                    }
                }
            }
        }
        if self.given.is_empty() && self.command.is_some() {
            writeln!(f, "  given     nothing")?;
        }
        match &self.command {
            Some(command) => writeln!(f, "  when      {command}"),
            None => Ok(()),
        }
    }
}

/// Lines, each indented, also where one has line breaks in it.
fn block(f: &mut fmt::Formatter<'_>, texts: &[String]) -> fmt::Result {
    for line in texts.iter().flat_map(|text| text.lines()) {
        writeln!(f, "  {line}")?;
    }
    Ok(())
}
