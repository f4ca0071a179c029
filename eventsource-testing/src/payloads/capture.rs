//! Golden payloads from the events that scenarios see.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use super::FOLDER_NAME;
use crate::lock::{FILE_NAME, LockError, is_blessed, locked_events, write};

/// In a blessed run: keeps a stored event that was read, where its version has no golden payload yet.
///
/// # Panics
///
/// When the file cannot be written.
pub(crate) fn seen(name: &str, version: u32, payload: &[u8]) {
    static CAPTURE: OnceLock<Option<Capture>> = OnceLock::new();
    // The folder that the lock stands in, unless the user has put it elsewhere.
    let begin = || {
        let folder = env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_blessed())?;
        Capture::beside_lock(Path::new(&folder))
    };
    if let Some(capture) = CAPTURE.get_or_init(begin)
        && let Err(error) = capture.keep(name, version, payload)
    {
        panic!("{error}");
    }
}

/// A payload that was kept in this run.
type Kept = Option<Vec<u8>>;

struct Capture {
    folder: PathBuf,
    /// What is locked and may have no payload yet. An event that is not locked is one that a test made up.
    /// And what was kept of it in this run.
    open: Mutex<BTreeMap<(String, u32), Kept>>,
}

impl Capture {
    /// `None` where there is no lock, or none that can be read: the test of the lock says so.
    fn beside_lock(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(FILE_NAME)).ok()?;
        Some(Self {
            folder: folder.join(FOLDER_NAME),
            open: Mutex::new(
                locked_events(&text)?
                    .into_iter()
                    .map(|event| (event, None))
                    .collect(),
            ),
        })
    }

    fn keep(&self, name: &str, version: u32, payload: &[u8]) -> Result<(), LockError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (name.to_owned(), version);
        let Some(kept) = open.get_mut(&key) else {
            return Ok(());
        };
        let folder = self.folder.join(name);
        let path = folder.join(format!("v{version}.json"));
        match kept {
            // Which scenario comes first is up to the threads, so the one that tells most is kept, whoever it is.
            Some(kept) => {
                let order = |payload: &[u8]| (Reverse(payload.len()), payload.to_vec());
                if order(kept) <= order(payload) {
                    return Ok(());
                }
            }
            // Where only what it is today is left, a payload was lost, and is not made up: the test of the payloads says so.
            None if path.exists() || folder.join(format!("v{version}.today.json")).exists() => {
                open.remove(&key);
                return Ok(());
            }
            None => {}
        }
        *kept = Some(payload.to_vec());
        write(&path, &[payload, b"\n"].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_seen_of_a_locked_version_one_is_kept() {
        let folder = env::temp_dir().join(format!("eventsource-capture-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        assert!(Capture::beside_lock(&folder).is_none(), "there is no lock");
        let lock = "# events.lock, format 1\n\nevent opened v2\n  owner: String\n";
        fs::write(folder.join(FILE_NAME), lock).expect("written");
        let keep = |json: &[u8]| {
            let capture = Capture::beside_lock(&folder).expect("there is a lock");
            for (name, version) in [("opened", 1), ("opened", 2), ("closed", 2)] {
                capture.keep(name, version, json).expect("it is kept");
            }
        };
        keep(b"1");
        keep(b"2");
        let folder_of_threads = folder.join("threads");
        fs::create_dir_all(&folder_of_threads).expect("a folder");
        fs::write(folder_of_threads.join(FILE_NAME), lock).expect("written");
        let capture = Capture::beside_lock(&folder_of_threads).expect("there is a lock");
        for json in [b"1".as_slice(), b"[22]", b"[11]", b"[33]", b"2"] {
            capture.keep("opened", 2, json).expect("it is kept");
        }
        let kept = fs::read_to_string(folder_of_threads.join("payloads/opened/v2.json"));
        assert_eq!(kept.expect("kept"), "[11]\n", "whatever the order is");
        let payloads = folder.join(FOLDER_NAME);
        let kept = fs::read_to_string(payloads.join("opened/v2.json")).expect("kept");
        assert_eq!(kept, "1\n", "that of the first run, and never another");
        assert_eq!(
            fs::read_dir(payloads.join("opened")).expect("read").count(),
            1
        );
        assert_eq!(fs::read_dir(&payloads).expect("read").count(), 1);
        let today = payloads.join("opened/v2.today.json");
        fs::rename(payloads.join("opened/v2.json"), today).expect("lost");
        keep(b"3");
        assert!(
            !payloads.join("opened/v2.json").exists(),
            "it is not made up"
        );
        fs::remove_dir_all(&folder).expect("removed");
    }
}
