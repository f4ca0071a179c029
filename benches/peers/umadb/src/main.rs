//! P4 on UmaDB: `peer-umadb p4 64`. It starts its own server, on a port of this machine that is free and in a folder of
//! its own, and ends it. Loads by the tag of the account, decides, appends on the condition that no more has come.

#[path = "../../../src/commands.rs"]
mod commands;

use std::{
    error::Error,
    fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use commands::{Bank, INITIAL, Load, Order, Program, commands_in_turns, reason, runtime, turn};
use serde::{Deserialize, Serialize};
use umadb::{parse_cli_options, start_server_with_cli_options};
use umadb_client::{AsyncUmaDbClient, UmaDbClient};
use umadb_dcb::{
    DcbAppendCondition, DcbError, DcbEvent, DcbEventStoreAsync, DcbQuery, DcbQueryItem,
};

/// The first argument of the process that is the server.
const SERVER: &str = "server";

#[derive(Serialize, Deserialize)]
struct AccountOpened {
    owner: String,
    initial: i64,
}

#[derive(Serialize, Deserialize)]
struct Moved {
    amount: i64,
    description: String,
}

/// The server, until it is dropped.
struct Server {
    process: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let process = Command::new(std::env::current_exe()?)
            .args([SERVER, "--listen", &address, "--db-path"])
            .arg(folder.path().join("uma.db"))
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self {
            process,
            address,
            _folder: folder,
        })
    }

    /// A client, once the server answers.
    async fn client(&self) -> Result<AsyncUmaDbClient, Box<dyn Error>> {
        let mut attempts = 0;
        loop {
            let client = UmaDbClient::new(format!("http://{}", self.address));
            match client.connect_async().await {
                Ok(client) => return Ok(client),
                Err(error) if attempts == 500 => return Err(error.into()),
                Err(_) => attempts += 1,
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// CPU time that it has used, to a hundredth of a second.
    fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()));
        let stat = stat.expect("the server lives, on Linux");
        // What is before the bracket is the name of the program, which may have anything in it.
        let after = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.map(|number| number.parse().unwrap_or(0)).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("it is ours");
        self.process.wait().expect("it is ours");
    }
}

struct Accounts {
    server: Server,
    client: AsyncUmaDbClient,
}

impl Accounts {
    async fn read(&self, tag: &str) -> (u64, i64, Option<u64>) {
        let read = self
            .client
            .read_with_head(Some(query(tag)), None, false, None);
        let (events, head) = read.await.expect("a server");
        let mut balance = 0;
        for event in &events {
            let moved =
                || -> Moved { serde_json::from_slice(&event.event.data).expect("so written") };
            match event.event.event_type.as_str() {
                "account.opened" => {
                    let opened: AccountOpened =
                        serde_json::from_slice(&event.event.data).expect("so written");
                    assert!(!opened.owner.is_empty());
                    balance = opened.initial;
                }
                "money.deposited" => balance += moved().amount,
                _ => balance -= moved().amount,
            }
        }
        (events.len() as u64, balance, head)
    }
}

fn query(tag: &str) -> DcbQuery {
    DcbQuery::new().item(DcbQueryItem::new().tags([tag.to_owned()]))
}

fn event(name: &str, tag: &str, data: &impl Serialize) -> DcbEvent {
    let data = serde_json::to_vec(data).expect("texts and whole numbers");
    DcbEvent::default()
        .event_type(name)
        .tags([tag.to_owned()])
        .data(data)
}

impl Bank for Accounts {
    /// The tag.
    type Id = String;

    fn id(&self, number: u64) -> String {
        format!("account:{number}")
    }

    async fn seed(&self, tag: &String, events: u64) {
        let opened = AccountOpened {
            owner: "owner-000001".to_owned(),
            initial: INITIAL,
        };
        let mut all = vec![event("account.opened", tag, &opened)];
        all.extend((1..events).map(|number| {
            let moved = Moved {
                amount: 1,
                description: reason(number),
            };
            event("money.deposited", tag, &moved)
        }));
        self.client.append(all, None, None).await.expect("a server");
    }

    async fn execute(&self, tag: &String, order: Order) {
        loop {
            let (_, balance, head) = self.read(tag).await;
            let new = match &order {
                Order::Deposit(amount, reason) => {
                    let (amount, description) = (*amount, reason.clone());
                    event(
                        "money.deposited",
                        tag,
                        &Moved {
                            amount,
                            description,
                        },
                    )
                }
                Order::Withdraw(amount, reason) => {
                    assert!(balance >= *amount, "there is enough in every account");
                    let (amount, description) = (*amount, reason.clone());
                    event(
                        "money.withdrawn",
                        tag,
                        &Moved {
                            amount,
                            description,
                        },
                    )
                }
            };
            let condition = DcbAppendCondition::new(query(tag)).after(head);
            match self.client.append(vec![new], Some(condition), None).await {
                Ok(_) => return,
                Err(DcbError::IntegrityError(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn count(&self, tag: &String) -> (u64, i64) {
        let (events, balance, _) = self.read(tag).await;
        (events, balance)
    }

    fn elsewhere(&self) -> Duration {
        self.server.cpu()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1).peekable();
    if args.peek().map(String::as_str) == Some(SERVER) {
        return start_server_with_cli_options(parse_cli_options(args)?);
    }
    let load = match (args.next().as_deref(), args.next()) {
        (Some("p4"), Some(tasks)) => Load::parse(&tasks)?,
        _ => return Err("say which row, and how many tasks: p4 64".into()),
    };
    let runtime = &runtime();
    let program = Program::new("umadb: server over gRPC", move |load| {
        runtime.block_on(async {
            let server = Server::start().expect("a server");
            let client = server.client().await.expect("a server");
            turn(Accounts { server, client }, load).await
        })
    });
    commands_in_turns(load, (0, 1), vec![program]);
    Ok(())
}
