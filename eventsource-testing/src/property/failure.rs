//! What random histories say when they fail. Nothing here knows the aggregate's types, so that it is compiled once.

use std::fmt::Write as _;

use super::tally::Tally;

/// Why they failed.
pub(super) enum Failure {
    /// There was nothing to play.
    Empty(&'static str),
    /// Nothing, or nearly nothing, was accepted.
    Refused(Tally),
    /// What was accepted made nothing happen.
    Idle(Tally),
    /// The strategies gave up.
    Abandoned(String),
    /// A history was found in which something is wrong.
    Found(Found),
}

pub(super) struct Found {
    /// What is wrong, in one line.
    pub(super) what: String,
    /// What stands below that line.
    pub(super) text: String,
    /// The shortest history in which it is.
    pub(super) commands: Vec<String>,
    /// How many histories were played until it was found.
    pub(super) histories: u64,
    pub(super) seed: u64,
}

impl Failure {
    #[cold]
    pub(super) fn text(&self, category: &str) -> String {
        let words = match self {
            Self::Empty(why) => format!("the random histories test nothing: {why}"),
            Self::Refused(tally) => format!(
                "of the commands of the random histories, {} of {} were refused, so that they test next to nothing\n\n{}\n\n  \
                 hint: add the commands that have to come first, such as the one that creates the aggregate, or draw the \
                 commands from what is accepted more often",
                tally.refused(),
                tally.commands(),
                indented(&tally.to_string()),
            ),
            Self::Idle(tally) => format!(
                "no event happened in the random histories, so that they test nothing\n\n{}\n\n  hint: add commands that make \
                 something happen",
                indented(&tally.to_string()),
            ),
            Self::Abandoned(why) => format!(
                "no more random histories could be drawn: {why}\n\n  hint: draw the commands from less, instead of leaving \
                 out most of what was drawn"
            ),
            Self::Found(found) => found.words(),
        };
        format!("{category}: {words}\n")
    }
}

impl Found {
    fn words(&self) -> String {
        let Self {
            what,
            text,
            commands,
            histories,
            seed,
        } = self;
        let mut words = format!("{what}, in a random history\n\n");
        for (number, command) in (1..).zip(commands) {
            let lead = if number == 1 { "commands" } else { "" };
            writeln!(words, "  {lead:<8} {number:>2}  {command}").expect("a text");
        }
        let text = text.trim_matches('\n');
        write!(
            words,
            "\n{text}\n  hint: to meet it again, run this test with PROPTEST_RNG_SEED={seed} (it was history {histories}, and \
             these commands are what is left of it); to keep it, write a scenario of these commands"
        )
        .expect("a text");
        words
    }
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}"));
    lines.collect::<Vec<_>>().join("\n")
}
