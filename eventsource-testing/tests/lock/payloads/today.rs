//! What becomes of payloads: for each aggregate, part by part, and to the last digit.

use super::*;

/// An aggregate with some events, in a module.
macro_rules! aggregate {
    ($module:ident $category:literal { $($listed:tt)* } $($item:item)*) => {
        mod $module {
            use super::*;

            $($item)*

            #[derive(Debug, Default, Aggregate)]
            #[aggregate(name = $category, id = u64, error = std::convert::Infallible, $($listed)*)]
            pub(super) struct State;

            impl<E> Apply<E> for State {
                fn apply(&mut self, _: &E) {}
            }
        }
    };
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "noted", sample = Self { text: 1 })]
struct Noted {
    text: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "counted", sample = Self { count: 1 })]
struct Counted {
    count: u32,
}

aggregate!(split "account" { events(Noted, Counted), retired("deposited", from = first::Deposited, into = |old: first::Deposited| [Noted { text: 2 }.into(), Counted { count: old.euros }.into()]) });
aggregate!(lost "account" { events(Noted, Counted), retired("deposited", from = first::Deposited, into = |_: first::Deposited| [Noted { text: 2 }.into()]) });
aggregate!(beside "account" { events(NotedV2, Counted), retired("deposited", from = first::Deposited, into = |_: first::Deposited| [NotedV2 { text: 2, more: None }.into(), Counted { count: 77 }.into()]) }
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "noted", version = 2, sample = Self { text: 1, more: None })]
    pub(super) struct NotedV2 {
        text: u32,
        #[event(since = 2)]
        more: Option<u8>,
    }
);

#[test]
fn a_part_that_is_lost_or_changed_beside_a_new_version_is_refused() {
    let folder = begun();
    check::<split::State>(folder.path(), true).expect("it is retired");
    let before = text(folder.path(), "deposited/v1.today.json");
    assert!(before.contains("counted") && before.contains("noted"));
    let refused = |problems: Vec<PayloadProblem>| {
        let not_accepted = |problem: &PayloadProblem| {
            matches!(
                problem,
                PayloadProblem::Differs {
                    name: "deposited",
                    moved_on: false,
                    ..
                }
            )
        };
        assert!(problems.iter().any(not_accepted), "{problems:?}");
    };
    for bless in [false, true] {
        refused(check::<lost::State>(folder.path(), bless).expect_err("a part is lost"));
        refused(check::<beside::State>(folder.path(), bless).expect_err("a value is another"));
    }
    assert_eq!(text(folder.path(), "deposited/v1.today.json"), before);
}

#[test]
fn a_version_that_was_lowered_is_refused() {
    let folder = begun();
    check::<second::Account>(folder.path(), true).expect("the version is new");
    fs::remove_file(folder.path().join("deposited/v2.json")).expect("removed");
    fs::remove_file(folder.path().join("deposited/v2.today.json")).expect("removed");
    let problems = check::<first::Account>(folder.path(), true).expect_err("it is lower");
    assert!(
        matches!(
            &problems[..],
            [PayloadProblem::Differs {
                moved_on: false,
                ..
            }]
        ),
        "{problems:?}"
    );
}

aggregate!(gone "a" { events(Noted), retired("deposited", from = first::Deposited, into = |_| []) });
aggregate!(otherwise "b" { events(Noted), retired("deposited", from = first::Deposited, into = |old: first::Deposited| [Noted { text: old.euros }.into()]) });
aggregate!(wrongly "b" { events(Noted), retired("deposited", from = first::Deposited, into = |old: first::Deposited| [Noted { text: old.euros + 1 }.into()]) });

#[test]
fn a_payload_is_held_against_every_aggregate_that_reads_it() {
    let folder = begun();
    check::<(gone::State, otherwise::State)>(folder.path(), true).expect("it is retired");
    let today = text(folder.path(), "deposited/v1.today.json");
    expect![[r#"
        {
        "a": [],
        "b": [
          {"event": "noted", "version": 1, "payload": {"text":2}}
        ]
        }
    "#]]
    .assert_eq(&today);
    for bless in [false, true] {
        let problems = check::<(gone::State, wrongly::State)>(folder.path(), bless)
            .expect_err("the second one does otherwise");
        assert!(
            matches!(
                &problems[..],
                [PayloadProblem::Differs {
                    moved_on: false,
                    ..
                }]
            ),
            "{problems:?}"
        );
    }
    assert_eq!(text(folder.path(), "deposited/v1.today.json"), today);
}

/// An event that holds more than 64 bits, with a step that can be wrong by one.
macro_rules! large {
    ($module:ident $more:literal) => {
        aggregate!($module "account" { events(Large) }
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
            #[event(name = "deposited", version = 2, sample = Self { atoms: 1 })]
            pub(super) struct Large {
                #[event(was(euros: u32, before = 2, with = |euros| u128::from(euros) * 1_000_000_000_000_000_000_000 + $more))]
                atoms: u128,
            }
        );
    };
}
large!(large 0);
large!(larger 1);

#[test]
fn integers_of_more_than_64_bits_are_compared_to_the_last_digit() {
    let folder = begun();
    check::<large::State>(folder.path(), true).expect("the version is new");
    let problems = check::<larger::State>(folder.path(), false).expect_err("it is one more");
    assert!(
        problems[0]
            .to_string()
            .contains("expected 2000000000000000000000, is 2000000000000000000001"),
        "{problems:?}"
    );
}

aggregate!(unstable "account" { events(Unstable) }
    mod halved {
        pub(super) fn serialize<T: Copy + Into<u64>, S: serde::Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_u64((*value).into() / 2)
        }
        pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
            serde::Deserialize::deserialize(from)
        }
    }
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "deposited")]
    pub(super) struct Unstable {
        #[serde(with = "halved")]
        euros: u32,
    }
);

#[test]
fn what_is_written_today_is_read_again() {
    let folder = TempDir::new().expect("a folder");
    fs::create_dir_all(folder.path().join("deposited")).expect("made");
    fs::write(folder.path().join("deposited/v1.json"), "{\"euros\":8}").expect("written");
    let problems = check::<unstable::State>(folder.path(), true).expect_err("it is halved");
    assert!(
        matches!(&problems[..], [PayloadProblem::NotReadAgain { .. }]),
        "{problems:?}"
    );
}

aggregate!(younger "account" { events(Deposited) }
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "deposited", version = 2, oldest = 2, sample = Self { cents: 7 })]
    pub(super) struct Deposited {
        cents: u64,
    }
);

#[test]
fn an_example_of_a_version_that_is_too_old_may_stay() {
    let folder = begun();
    check::<younger::State>(folder.path(), true).expect("nothing has to read it");
    assert!(folder.path().join("deposited/v1.json").exists());
}
