//! Sets programs side by side: `rows ROUNDS PROGRAM...` runs each once in a round, one after the other, and prints for
//! every contender the median over the rounds. Ratios are made within a round, so that they share its noise.

use std::{error::Error, process::Command};

/// How the names begin of those that the others are compared with.
const REFERENCES: [&str; 2] = ["bare:", "cqrs-es:"];

/// What the programs of one round said: contender and nanoseconds for one event.
type Round = Vec<(String, f64)>;

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let rounds: usize = args.next().ok_or("say how many rounds")?.parse()?;
    let mut programs: Vec<String> = args.collect();
    let mut seen: Vec<Round> = Vec::new();
    for _ in 0..rounds {
        let mut round = Round::new();
        for program in &programs {
            round.extend(run(program)?);
        }
        // The order of the contenders in the table is that of the programs; the order in time changes.
        round.sort_by_key(|(name, _)| seen.first().map(|first| place(first, name)));
        seen.push(round);
        programs.rotate_left(1);
    }
    let first = seen.first().ok_or("no rounds")?;
    let references: Vec<&str> = first
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| REFERENCES.iter().any(|begin| name.starts_with(begin)))
        .collect();
    println!(
        "| contender | ns each | {} |",
        references
            .iter()
            .map(|name| format!("speed by `{name}` (quartiles)"))
            .collect::<Vec<_>>()
            .join(" | ")
    );
    println!("|---|---|{}", "---|".repeat(references.len()));
    for (name, _) in first {
        let [_, median, _] = quartiles(seen.iter().map(|round| nanos(round, name)));
        let ratios = references.iter().map(|reference| {
            let [low, half, high] = quartiles(
                seen.iter()
                    .map(|round| nanos(round, reference) / nanos(round, name)),
            );
            format!("{half:.2} ({low:.2} to {high:.2})")
        });
        println!(
            "| {name} | {median:.1} | {} |",
            ratios.collect::<Vec<_>>().join(" | ")
        );
    }
    Ok(())
}

/// Runs a program and reads its lines `contender TAB nanoseconds`; peers print other lines too.
fn run(program: &str) -> Result<Round, Box<dyn Error>> {
    let mut words = program.split_whitespace();
    let output = Command::new(words.next().ok_or("an empty program")?)
        .args(words)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{program}: {}: {said}", output.status).into());
    }
    let said = String::from_utf8(output.stdout)?;
    let lines = said.lines().filter_map(|line| line.split_once('\t'));
    lines
        .map(|(name, nanos)| Ok((name.to_owned(), nanos.parse()?)))
        .collect()
}

fn place(round: &Round, name: &str) -> usize {
    round
        .iter()
        .position(|(other, _)| other == name)
        .unwrap_or(usize::MAX)
}

fn nanos(round: &Round, name: &str) -> f64 {
    round
        .iter()
        .find(|(other, _)| other == name)
        .map_or(f64::NAN, |(_, nanos)| *nanos)
}

fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
