//! One round of a row: `round p1`, `p1-long`, `p1-past`, `p2` or `upcast`. `rows` runs many of them in turns with the
//! peers.

use std::{error::Error, hint::black_box};

use benches::{
    bank::{Account, AccountEvent, Stored},
    bare, history,
    measure::{Contender, in_turns, ready},
    past,
    workload::{Fact, SHAPES, Shape, balance, stream},
};
use eventsource_core::{
    Aggregate, Append, Event as _, EventId, EventName, EventStore, Expected, IdSource, MemoryStore,
    NewEvent, Read, Recorded, Repository, StoredPayload, StreamId, Timestamp, UuidV7,
};

fn main() -> Result<(), Box<dyn Error>> {
    let row = std::env::args().nth(1);
    if let Some((_, shape)) = SHAPES.iter().find(|(name, _)| row.as_deref() == Some(name)) {
        return replay(*shape);
    }
    match row.as_deref() {
        Some("p2") => {
            apply();
            Ok(())
        }
        Some("p1-past") => replay_past(),
        Some("upcast") => {
            upcast();
            Ok(())
        }
        _ => Err("say which row: p1, p1-long, p1-past, p2 or upcast".into()),
    }
}

/// P1: from stored JSON to the state.
#[expect(
    clippy::panic_in_result_fn,
    reason = "a contender that folds to another state must not be in the table"
)]
fn replay(shape: Shape) -> Result<(), Box<dyn Error>> {
    let stored: Vec<Vec<Stored>> = (0..shape.streams)
        .map(|number| {
            stream(number, shape.events)
                .map(|fact| Stored::from_event(&fact.into()))
                .collect()
        })
        .collect::<Result<_, _>>()?;
    let store = MemoryStore::new();
    for (number, events) in (0..).zip(&stored) {
        ready(store.append(append(number, events)?))?;
    }
    let recorded: Vec<Vec<Recorded>> = (0..shape.streams as u64)
        .map(|number| {
            ready(
                store
                    .read(Read::stream(StreamId::of::<Account>(&number)?))
                    .collect(),
            )
            .map_err(Box::<dyn Error>::from)
        })
        .collect::<Result<_, _>>()?;
    let accounts = Repository::<Account>::new(store);

    let bare = |events: &Vec<Stored>| {
        let mut account = bare::Account::default();
        for event in events {
            account.replay(event).expect("it was written so");
        }
        account.balance
    };
    let table = |events: &Vec<Stored>| {
        let mut account = Account::initial();
        for event in events {
            Account::replay(&mut account, &event.name, event.version, &event.payload)
                .expect("it was written so");
        }
        account.map_or(0, |account| account.balance)
    };
    let records = |events: &Vec<Recorded>| {
        let mut account = Account::initial();
        for event in events {
            for part in event.decode::<Account>().expect("it was written so") {
                Account::fold(&mut account, &part).expect("every event fits");
            }
        }
        account.map_or(0, |account| account.balance)
    };
    let load = |number: u64| {
        ready(accounts.load(&number))
            .expect("it was written so")
            .balance
    };

    let expected: i64 = (0..shape.streams)
        .map(|number| balance(number, shape.events))
        .sum();
    let check = |sum: i64| assert_eq!(sum, expected, "a contender folds to another state");
    in_turns(
        shape.streams * shape.events,
        vec![
            Contender::new("bare: serde_json, struct by name", || {
                check(stored.iter().map(bare).sum());
            }),
            Contender::new("ours: derived decode and dispatch", || {
                check(stored.iter().map(table).sum());
            }),
            Contender::new("ours: over the enum, RecordedEvent::decode", || {
                check(recorded.iter().map(records).sum());
            }),
            Contender::new("ours: Repository::load", || {
                check((0..shape.streams as u64).map(load).sum());
            }),
        ],
    );
    Ok(())
}

/// The append that stores these events.
fn append(number: u64, events: &[Stored]) -> Result<Append, Box<dyn Error>> {
    let events = events
        .iter()
        .map(|event| {
            Ok(NewEvent::new(
                EventId::from(UuidV7.next_id()),
                EventName::new(event.name.as_str())?,
                event.version,
                StoredPayload::json(&event.payload),
                Timestamp::from_micros(0),
            ))
        })
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    Ok(Append::to(
        StreamId::of::<Account>(&number)?,
        Expected::NoStream,
        events,
    ))
}

/// P2: from typed events to the state. One stream that stays in the cache, so that nothing but the dispatch is seen.
fn apply() {
    const PASSES: usize = 1_000;
    const EVENTS: usize = 1_000;
    let ours: Vec<AccountEvent> = stream(0, EVENTS).map(Into::into).collect();
    let bare: Vec<bare::AccountEvent> = stream(0, EVENTS).map(Into::into).collect();
    let expected = balance(0, EVENTS);
    in_turns(
        PASSES * EVENTS,
        vec![
            Contender::new("bare: match by reference", || {
                for _ in 0..PASSES {
                    let mut account = bare::Account::default();
                    for event in black_box(&bare) {
                        account.apply(event);
                    }
                    assert_eq!(black_box(account).balance, expected);
                }
            }),
            Contender::new("ours: derived fold", || {
                for _ in 0..PASSES {
                    let mut account = Account::initial();
                    for event in black_box(&ours) {
                        Account::fold(&mut account, event).expect("every event fits");
                    }
                    assert_eq!(
                        black_box(account).map(|account| account.balance),
                        Some(expected)
                    );
                }
            }),
        ],
    );
}

/// From the first of five versions to the last.
fn upcast() {
    const COUNT: u32 = 100_000;
    let payloads = |version| -> Vec<_> {
        (0..COUNT)
            .map(|at| {
                let memo = format!("payment reference {at:08}");
                past::payload(version, at as usize, at, memo)
            })
            .collect()
    };
    let (first, today) = (payloads(1), payloads(5));
    let each = |payloads: &[Vec<u8>], read: &dyn Fn(&[u8])| {
        for payload in payloads {
            read(payload);
        }
    };
    in_turns(
        COUNT as usize,
        vec![
            Contender::new("bare: v1 to v5 by hand", || {
                each(&first, &|payload| {
                    black_box(past::by_hand(payload).expect("it was written so"));
                });
            }),
            Contender::new("ours: v1 to v5 by the derived chain", || {
                each(&first, &|payload| {
                    black_box(
                        history::MoneyDeposited::decode(1, payload).expect("it was written so"),
                    );
                });
            }),
            Contender::new("bare: v1 to v5 over Value", || {
                each(&first, &|payload| {
                    black_box(past::over_value(payload).expect("it was written so"));
                });
            }),
            Contender::new("bare: today's version, no upcast", || {
                each(&today, &|payload| {
                    black_box(past::current(payload).expect("it was written so"));
                });
            }),
            Contender::new("ours: today's version, no upcast", || {
                each(&today, &|payload| {
                    black_box(
                        history::MoneyDeposited::decode(5, payload).expect("it was written so"),
                    );
                });
            }),
        ],
    );
}

/// P1 with deposits that have five versions: all of them today's, or all of them the first, which is every second event.
#[expect(
    clippy::panic_in_result_fn,
    reason = "a contender that folds to another state must not be in the table"
)]
fn replay_past() -> Result<(), Box<dyn Error>> {
    let [(_, shape), _] = SHAPES;
    let stored = |version: u32| -> Result<Vec<Vec<Stored>>, Box<dyn Error>> {
        let event = |number, fact| {
            Ok(match fact {
                Fact::Deposited(amount, memo) => Stored {
                    name: history::MoneyDeposited::SCHEMA.name.to_owned(),
                    version,
                    payload: past::payload(version, number, amount.try_into()?, memo),
                },
                fact => Stored::from_event(&fact.into())?,
            })
        };
        (0..shape.streams)
            .map(|number| {
                stream(number, shape.events)
                    .map(|fact| event(number, fact))
                    .collect()
            })
            .collect()
    };
    let (today, old) = (stored(5)?, stored(1)?);
    let expected: i64 = (0..shape.streams)
        .map(|number| balance(number, shape.events))
        .sum();
    let check = |sum: i64| assert_eq!(sum, expected, "a contender folds to another state");
    let bare = |events: &Vec<Stored>| {
        let mut account = past::Account::default();
        for event in events {
            account.replay(event).expect("it was written so");
        }
        account.balance
    };
    let ours = |events: &Vec<Stored>| {
        let mut account = history::Account::initial();
        for event in events {
            history::Account::replay(&mut account, &event.name, event.version, &event.payload)
                .expect("it was written so");
        }
        account.map_or(0, |account| account.balance)
    };
    in_turns(
        shape.streams * shape.events,
        vec![
            Contender::new("bare: version 1 in every second event", || {
                check(old.iter().map(bare).sum());
            }),
            Contender::new("ours: version 1 in every second event", || {
                check(old.iter().map(ours).sum());
            }),
            Contender::new("bare: today's versions", || {
                check(today.iter().map(bare).sum());
            }),
            Contender::new("ours: today's versions", || {
                check(today.iter().map(ours).sum());
            }),
        ],
    );
    Ok(())
}
