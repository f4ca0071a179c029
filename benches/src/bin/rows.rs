//! Sets programs side by side: `rows ROUNDS PROGRAM...` runs each once in a round, one after the other, and prints for
//! every contender the median over the rounds. Ratios are made within a round, so that they share its noise.
//!
//! A line of a program is `contender TAB nanoseconds`, and may go on with `TAB name=number` as often as it likes. Of a
//! figure `cpu` there are ratios, too.

use std::{error::Error, process::Command};

/// How the names begin of those that the others are compared with.
const REFERENCES: [&str; 3] = ["bare:", "cqrs-es:", "umadb:"];

/// The name of the first figure of a line.
const NANOS: &str = "ns each";

/// What the programs of one round said: contender and figures, each with its name.
type Round = Vec<(String, Vec<(String, f64)>)>;

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
    let names: Vec<&str> = first
        .iter()
        .max_by_key(|(_, figures)| figures.len())
        .map(|(_, figures)| figures.iter().map(|(name, _)| name.as_str()).collect())
        .unwrap_or_default();
    let compared: Vec<(&str, &str)> = [("speed", NANOS), ("CPU speed", "cpu")]
        .into_iter()
        .filter(|(_, figure)| names.contains(figure))
        .collect();
    let ratios = references.iter().flat_map(|reference| {
        let title = |(title, _): &(&str, &str)| format!("{title} by `{reference}` (quartiles)");
        compared.iter().map(title).collect::<Vec<_>>()
    });
    let ratios: Vec<String> = ratios.collect();
    println!(
        "| contender | {} | {} |",
        names.join(" | "),
        ratios.join(" | ")
    );
    println!("|---|{}", "---|".repeat(names.len() + ratios.len()));
    for (name, _) in first {
        let medians = names.iter().map(|figure| {
            let [_, median, _] = quartiles(seen.iter().map(|round| find(round, name, figure)));
            format!("{median:.1}")
        });
        let ratios = references.iter().flat_map(|reference| {
            compared.iter().map(|(_, figure)| {
                let [low, half, high] = quartiles(
                    seen.iter()
                        .map(|round| find(round, reference, figure) / find(round, name, figure)),
                );
                format!("{half:.2} ({low:.2} to {high:.2})")
            })
        });
        let cells: Vec<String> = medians.chain(ratios).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
    Ok(())
}

/// Runs a program and reads its lines; peers print other lines too.
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
        .map(|(name, figures)| {
            let mut figures = figures.split('\t');
            let nanos = figures.next().unwrap_or_default().parse()?;
            let mut all = vec![(NANOS.to_owned(), nanos)];
            for figure in figures {
                let (name, number) = figure.split_once('=').ok_or("a figure without a name")?;
                all.push((name.to_owned(), number.parse()?));
            }
            Ok((name.to_owned(), all))
        })
        .collect()
}

fn place(round: &Round, name: &str) -> usize {
    round
        .iter()
        .position(|(other, _)| other == name)
        .unwrap_or(usize::MAX)
}

fn find(round: &Round, name: &str, figure: &str) -> f64 {
    round
        .iter()
        .filter(|(other, _)| other == name)
        .flat_map(|(_, figures)| figures)
        .find(|(other, _)| other == figure)
        .map_or(f64::NAN, |(_, number)| *number)
}

fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}
