//! Rules that no compiler checks. Each failure names the files and what to do.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// A `.rs` file is read from the top; beyond this nobody reads it.
const MOST_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace")
}

/// Every file that git knows or would add, so that what is ignored is left alone.
fn files(extension: &str) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    let listed = String::from_utf8(listed.stdout).expect("file names are UTF-8");
    let mut files: Vec<_> = listed
        .lines()
        .map(|name| root().join(name))
        .filter(|path| path.extension().is_some_and(|e| e == extension) && path.exists())
        .collect();
    files.sort();
    assert!(
        !files.is_empty(),
        "no .{extension} files: is this a git checkout?"
    );
    files
}

fn shown(paths: &[PathBuf]) -> String {
    let root = root();
    let short = |path: &PathBuf| {
        path.strip_prefix(&root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    paths.iter().map(short).collect::<Vec<_>>().join("\n  ")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_rust_file_can_be_read_from_the_top() {
    let long: Vec<_> = files("rs")
        .into_iter()
        .filter(|path| text(path).lines().count() > MOST_LINES)
        .collect();
    assert!(
        long.is_empty(),
        "split these, they have over {MOST_LINES} lines:\n  {}",
        shown(&long)
    );
}

#[test]
fn every_rust_file_is_ascii() {
    let other: Vec<_> = files("rs")
        .into_iter()
        .filter(|path| !text(path).is_ascii())
        .collect();
    // The dots and dashes of prose are the one thing that comments may have; the programs write escapes.
    let other: Vec<_> = other
        .into_iter()
        .filter(|path| {
            text(path).lines().any(|line| {
                let code = line.trim_start();
                !line.is_ascii() && !code.starts_with("//")
            })
        })
        .collect();
    assert!(
        other.is_empty(),
        "write escapes such as \\u{{e9}} in:\n  {}",
        shown(&other)
    );
}

#[test]
fn nothing_is_left_to_do_without_an_owner() {
    let marker = ["TO", "DO"].concat();
    let open: Vec<_> = files("rs")
        .into_iter()
        .filter(|path| {
            text(path)
                .lines()
                .any(|line| line.contains(&marker) && !line.contains(&format!("{marker}(")))
        })
        .collect();
    assert!(
        open.is_empty(),
        "finish these, or write {marker}(owner):\n  {}",
        shown(&open)
    );
}

#[test]
fn every_expected_message_has_its_program_and_every_failing_program_its_message() {
    let orphans: Vec<_> = files("stderr")
        .into_iter()
        .filter(|path| !path.with_extension("rs").exists())
        .chain(files("rs").into_iter().filter(|path| {
            path.components().any(|part| part.as_os_str() == "fail")
                && !path.with_extension("stderr").exists()
        }))
        .collect();
    assert!(
        orphans.is_empty(),
        "delete or restore the other half of:\n  {}",
        shown(&orphans)
    );
}

#[test]
fn every_crate_takes_lints_versions_and_licence_from_the_workspace() {
    for manifest in files("toml")
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml"))
    {
        let (name, text) = (shown(std::slice::from_ref(&manifest)), text(&manifest));
        if text.starts_with("[workspace]") {
            continue;
        }
        assert!(
            text.contains("[lints]\nworkspace = true"),
            "{name}: add `[lints] workspace = true`"
        );
        for key in ["version", "edition", "rust-version", "license"] {
            assert!(
                text.contains(&format!("\n{key}.workspace = true")),
                "{name}: {key}.workspace"
            );
        }
        let versioned = text.lines().find(|line| {
            line.split_once('=').is_some_and(|(_, value)| {
                value.trim_start().starts_with('"') && value.contains(|c: char| c.is_ascii_digit())
            }) && !line.starts_with("description")
        });
        assert_eq!(
            versioned, None,
            "{name}: versions stand in the workspace's Cargo.toml"
        );
    }
    // Each library is published with its licences: links to the two at the top.
    for folder in ["", "core", "derive", "sqlite", "testing"] {
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let folder = if folder.is_empty() {
                String::new()
            } else {
                format!("eventsource-{folder}")
            };
            assert!(
                root().join(&folder).join(licence).exists(),
                "{folder}/{licence} is missing"
            );
        }
    }
}

fn cargo(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

/// What each of our crates depends on among ours, outside of tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"]))
            .expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let ours: BTreeSet<_> = packages.iter().map(name).collect();
    packages
        .iter()
        .map(|package| {
            let needed = package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter();
            let needed = needed.filter(|one| one["kind"].is_null()).map(name);
            (
                name(package),
                needed.filter(|one| ours.contains(one)).collect(),
            )
        })
        .collect()
}

#[test]
fn crates_depend_in_one_direction_only() {
    for (package, needed) in dependencies() {
        let allowed: &[&str] = match package.as_str() {
            "eventsource-derive" | "tidy" => &[],
            "eventsource-core" => &["eventsource-derive"],
            "eventsource-testing" | "eventsource-sqlite" | "derive-ui" | "derive-rename" => {
                &["eventsource-core"]
            }
            "benches" | "sqlite-processes" => &[
                "eventsource-core",
                "eventsource-testing",
                "eventsource-sqlite",
            ],
            _ => &["eventsource-core", "eventsource-sqlite"],
        };
        let stray: Vec<_> = needed
            .iter()
            .filter(|one| !allowed.contains(&one.as_str()))
            .collect();
        assert!(stray.is_empty(), "`{package}` must not depend on {stray:?}");
    }
}

#[test]
fn the_derives_do_without_all_of_syn() {
    let tree = cargo(&[
        "tree",
        "--package",
        "eventsource-derive",
        "--edges",
        "features,normal",
    ]);
    assert!(
        tree.contains("syn feature \"derive\""),
        "the tree is not read rightly:\n{tree}"
    );
    assert!(
        !tree.contains("syn feature \"full\""),
        "the derives need syn's `full`:\n{tree}"
    );
}

#[test]
fn core_without_its_features_needs_no_async_runtime() {
    let tree = cargo(&[
        "tree",
        "--package",
        "eventsource-core",
        "--no-default-features",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    assert!(
        tree.contains("futures-core"),
        "the tree is not read rightly:\n{tree}"
    );
    for runtime in ["tokio", "async-std", "smol", "async-executor", "async-io"] {
        let found = tree
            .lines()
            .any(|line| line.starts_with(&format!("{runtime} ")));
        assert!(!found, "core needs {runtime}:\n{tree}");
    }
}

/// The defects of other systems that we have to show we do not share: each has a test with its number above it.
#[test]
fn every_known_defect_has_a_test() {
    let wanted = [
        1, 2, 4, 8, 9, 10, 15, 17, 18, 19, 20, 21, 22, 23, 24, 26, 27, 28,
    ];
    let mut found: BTreeMap<u32, usize> = BTreeMap::new();
    for path in files("rs") {
        let text = text(&path);
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(comment) = line.strip_prefix("// D") else {
                continue;
            };
            let number = comment
                .chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>();
            let Ok(number) = number.parse() else { continue };
            // A number that stands over no test shows nothing.
            let over_a_test = lines[at..]
                .iter()
                .take(4)
                .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
            *found.entry(number).or_default() += usize::from(over_a_test);
        }
    }
    let missing: Vec<_> = wanted
        .iter()
        .filter(|number| found.get(number).is_none_or(|count| *count == 0))
        .collect();
    assert!(missing.is_empty(), "no test for the defects {missing:?}");
}
