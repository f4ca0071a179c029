//! What each derive expands to, as formatted Rust files under `tests/expand`: a change of the output is read in review
//! as Rust. `UPDATE_EXPECT=1` writes them anew.

use expect_test::expect_file;
use proc_macro2::TokenStream;
use syn::parse_quote;

#[track_caller]
fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("an expansion is a list of items"))
}

#[test]
fn event() {
    let tokens = crate::event(&parse_quote! {
        #[event(name = "account.opened")]
        pub struct Opened {
            pub owner: String,
        }
    });
    expect_file!["../tests/expand/event.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn event_with_a_history() {
    let tokens = crate::event(&parse_quote! {
        #[event(name = "account.deposited", version = 3, was("deposit.made", before = 2))]
        #[event(had(memo: String, before = 3))]
        pub struct Deposited {
            pub account: String,
            #[event(was(amount: f64, before = 2, with = to_cents))]
            pub cents: u64,
            #[event(since = 3, with = |old| !old.memo.is_empty())]
            pub annotated: bool,
        }
    });
    expect_file!["../tests/expand/event_with_a_history.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn faulty_event() {
    let tokens = crate::event(&parse_quote! {
        #[event(version = 2)]
        pub struct Opened {
            pub owner: String,
        }
    });
    expect_file!["../tests/expand/faulty_event.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn aggregate() {
    let tokens = crate::aggregate(&parse_quote! {
        #[aggregate(name = "account", id = AccountId, error = AccountError, events(Opened, money::Deposited))]
        pub struct Account;
    });
    expect_file!["../tests/expand/aggregate.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn aggregate_with_a_creating_event() {
    let tokens = crate::aggregate(&parse_quote! {
        #[aggregate(
            name = "door",
            id = DoorId,
            error = DoorError,
            created_by = Built,
            events(Built, legacy::Built as OldBuilt),
            event_enum = DoorFact,
            event_derives(Clone, PartialEq),
            crate = ::my_app::es,
        )]
        pub(crate) enum Door { Open, Shut }
    });
    expect_file!["../tests/expand/aggregate_with_a_creating_event.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn aggregate_with_retired_events() {
    let tokens = crate::aggregate(&parse_quote! {
        #[aggregate(
            name = "account",
            id = AccountId,
            error = AccountError,
            events(Opened),
            retired("account.opened_funded", from = legacy::OpenedFunded, into = legacy::split),
            retired("account.viewed", from = legacy::Viewed, into = |_| []),
        )]
        pub struct Account;
    });
    expect_file!["../tests/expand/aggregate_with_retired_events.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn aggregate_id() {
    let tokens = crate::aggregate_id(&parse_quote! {
        pub struct AccountId(u64);
    });
    expect_file!["../tests/expand/aggregate_id.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn schema() {
    let tokens = crate::schema(&parse_quote! {
        pub struct Address {
            pub town: Town,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub street: Option<String>,
        }
    });
    expect_file!["../tests/expand/schema.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn snapshot() {
    let tokens = crate::snapshot(&parse_quote! {
        #[aggregate(name = "account", id = AccountId, error = AccountError, events(Opened))]
        pub struct Account {
            pub cents: i64,
            #[serde(rename = "who")]
            pub owners: Vec<Owner>,
            #[snapshot(opaque)]
            pub limit: foreign::Limit,
            #[serde(skip)]
            pub unstored: u8,
        }
    });
    expect_file!["../tests/expand/snapshot.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn snapshot_of_an_enum() {
    let tokens = crate::snapshot(&parse_quote! {
        #[aggregate(name = "door", id = DoorId, error = DoorError, created_by = Built, events(Built))]
        #[snapshot(version = 2, codec = codecs::Binary, crate = ::my_app::es)]
        #[serde(tag = "is")]
        pub enum Door {
            Open { since: Timestamp },
            Shut(Box<Door>),
        }
    });
    expect_file!["../tests/expand/snapshot_of_an_enum.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn faulty_snapshot() {
    let tokens = crate::snapshot(&parse_quote! {
        #[aggregate(name = "account", id = AccountId, error = AccountError, events(Opened))]
        #[snapshot(version = 0)]
        pub struct Account {
            pub cents: i64,
        }
    });
    expect_file!["../tests/expand/faulty_snapshot.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn projection() {
    let tokens = crate::projection(&parse_quote! {
        #[projection(name = "balances", version = 1, from(Account), events(Opened, money::Deposited), ignores(Closed))]
        pub struct Balances {
            cents: i64,
        }
    });
    expect_file!["../tests/expand/projection.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn projection_in_a_transaction() {
    let tokens = crate::projection(&parse_quote! {
        #[projection(
            name = "balances",
            version = 2,
            from(Account, Order),
            events(Opened),
            ignores(..),
            transaction = SqliteTx,
            crate = ::my_app::es,
        )]
        pub struct Balances;
    });
    expect_file!["../tests/expand/projection_in_a_transaction.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn projection_at_least_once() {
    let tokens = crate::projection(&parse_quote! {
        #[projection(name = "search", version = 1, from(Account), events(Opened), ignores(..), at_least_once)]
        pub struct Search;
    });
    expect_file!["../tests/expand/projection_at_least_once.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn faulty_projection() {
    let tokens = crate::projection(&parse_quote! {
        #[projection(name = "balances", version = 1, from(Account), events(), transaction = SqliteTx)]
        pub struct Balances;
    });
    expect_file!["../tests/expand/faulty_projection.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn reaction() {
    let tokens = crate::reaction(&parse_quote! {
        #[reaction(name = "mailer", from(Account), events(Opened, Closed))]
        pub struct Mailer;
    });
    expect_file!["../tests/expand/reaction.rs"].assert_eq(&pretty(tokens));
}

#[test]
fn faulty_reaction() {
    let tokens = crate::reaction(&parse_quote! {
        #[reaction(name = "mailer", from(Account))]
        pub struct Mailer;
    });
    expect_file!["../tests/expand/faulty_reaction.rs"].assert_eq(&pretty(tokens));
}
