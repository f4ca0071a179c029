//! What the bank has stored, it reads for ever: `events.lock` and `payloads`, beside the manifest.

use bank::{account::Account, bank_account::BankAccount, source::Source};

eventsource_testing::events_lock!(Account, BankAccount, Source);
