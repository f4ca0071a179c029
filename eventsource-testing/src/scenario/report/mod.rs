//! The text of a failure. Nothing here knows the aggregate's types, so that it is compiled once.

pub(super) mod colour;
pub(crate) mod json;
pub(super) mod name;
pub(super) mod state;
pub(super) mod table;
pub(crate) mod text;

use self::{
    colour::{Tone, paint},
    json::Side,
};

/// A failed scenario, in the order in which it is read.
#[derive(Default)]
pub(crate) struct Report {
    /// The category of the aggregate.
    pub(crate) aggregate: &'static str,
    /// What is wrong, in one line.
    pub(crate) header: String,
    pub(super) given: Vec<Given>,
    pub(super) command: Option<String>,
    /// What was expected and what came.
    pub(crate) body: Block,
    /// What the checks found.
    pub(crate) findings: Vec<Block>,
    /// The state at the time of the decision.
    pub(super) state: Option<String>,
    /// What could not be checked, or was not to be.
    pub(crate) notes: Vec<String>,
    pub(crate) hints: Vec<String>,
}

/// An event of the history.
pub(super) struct Given {
    pub(super) stored: Side,
    /// What today's code makes of it, where that differs: one event, several, or none.
    pub(super) read_as: Option<Vec<Side>>,
    pub(super) how: How,
}

/// How an event came into the history.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum How {
    Given,
    /// By a command of this type, which was given.
    By(&'static str),
    /// By another writer, while the command was being decided.
    Meanwhile,
}

impl Given {
    pub(super) fn stored(stored: Side) -> Self {
        Self {
            stored,
            read_as: None,
            how: How::Given,
        }
    }
}

/// Lines that belong together.
#[derive(Debug, Default, Clone)]
pub(crate) struct Block(Vec<(Tone, String)>);

impl Block {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, text: impl AsRef<str>) {
        self.push(Tone::Plain, text.as_ref());
    }

    /// A line that shows what is wrong.
    pub(crate) fn add_wrong(&mut self, text: impl AsRef<str>) {
        self.push(Tone::Wrong, text.as_ref());
    }

    fn push(&mut self, tone: Tone, text: &str) {
        self.0
            .extend(text.lines().map(|line| (tone, line.to_owned())));
    }

    /// The same after a few words.
    pub(crate) fn led_by(&self, words: &str) -> Self {
        let mut block = self.clone();
        if let Some((_, first)) = block.0.first_mut() {
            first.insert_str(0, words);
        }
        block
    }

    /// Adds lines in front of which the first one has a word.
    pub(super) fn list(&mut self, lead: &str, lines: impl IntoIterator<Item = String>) {
        for (at, line) in lines.into_iter().enumerate() {
            let lead = if at == 0 { lead } else { "" };
            self.add(format!("{lead:<10}{line}"));
        }
    }

    fn indented(&self) -> impl Iterator<Item = (Tone, String)> {
        let line = |(tone, line): &(Tone, String)| (*tone, format!("  {line}"));
        self.0.iter().map(line)
    }
}

impl From<String> for Block {
    fn from(text: String) -> Self {
        let mut block = Self::default();
        block.add(text);
        block
    }
}

impl Report {
    /// The text, in colours where it is read on a terminal.
    pub(crate) fn text(&self) -> String {
        self.painted(colour::are_wanted())
    }

    fn painted(&self, in_colours: bool) -> String {
        let mut text = String::new();
        for (tone, line) in self.lines() {
            text.push_str(&paint(tone, line.trim_end(), in_colours));
            text.push('\n');
        }
        text
    }

    fn lines(&self) -> Vec<(Tone, String)> {
        let gap = || (Tone::Plain, String::new());
        let mut lines = vec![
            (Tone::Title, format!("{}: {}", self.aggregate, self.header)),
            gap(),
        ];
        self.story(&mut lines);
        for block in [&self.body].into_iter().chain(&self.findings) {
            if !block.is_empty() {
                lines.push(gap());
                lines.extend(block.indented());
            }
        }
        let mut rest = Block::default();
        if let Some(state) = &self.state {
            rest.add(format!("state at the decision: {state}"));
        }
        for note in &self.notes {
            rest.add(note);
        }
        if !rest.is_empty() {
            lines.push(gap());
            lines.extend(rest.indented());
        }
        lines.push(gap());
        for hint in &self.hints {
            lines.push((Tone::Hint, format!("  hint: {hint}")));
        }
        lines
    }

    fn story(&self, lines: &mut Vec<(Tone, String)>) {
        let mut plain = |line: String| lines.push((Tone::Plain, line));
        let titles = self.given.iter().map(|given| given.stored.title());
        let width = titles.map(|title| title.chars().count()).max().unwrap_or(0);
        let mut last = None;
        for (number, given) in (1..).zip(&self.given) {
            let is_meanwhile = given.how == How::Meanwhile;
            let lead = match (last.replace(is_meanwhile), is_meanwhile) {
                (None, false) => "given",
                (None | Some(false), true) => "while",
                _ => "",
            };
            let (title, payload) = (given.stored.title(), given.stored.payload());
            let by = match given.how {
                How::By(command) => format!("  by {}", name::short(command)),
                How::Given | How::Meanwhile => String::new(),
            };
            plain(format!(
                "  {lead:<5} {number:>2}  {title:<width$}  {payload}{by}"
            ));
            match given.read_as.as_deref() {
                None => {}
                Some([]) => plain("            read as nothing".to_owned()),
                Some([first, more @ ..]) => {
                    plain(format!("            read as {}", first.inline()));
                    for part in more {
                        plain(format!("                and {}", part.inline()));
                    }
                }
            }
        }
        if self.given.is_empty() && self.command.is_some() {
            plain("  given     nothing".to_owned());
        }
        if let Some(command) = &self.command {
            plain(format!("  when      {command}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_change_nothing_but_the_colour() {
        let mut body = Block::from("expected  1".to_owned());
        body.add_wrong("actual    2");
        let report = Report {
            aggregate: "light",
            header: "events differ".to_owned(),
            body,
            hints: vec!["mend it".to_owned()],
            ..Report::default()
        };
        let plain = "light: events differ\n\n\n  expected  1\n  actual    2\n\n  hint: mend it\n";
        assert_eq!(report.painted(false), plain);
        assert_eq!(
            report.painted(true),
            "\x1b[1;31mlight: events differ\x1b[0m\n\n\n  expected  1\n\x1b[31m  actual    2\x1b[0m\n\n\
             \x1b[36m  hint: mend it\x1b[0m\n"
        );
    }
}
