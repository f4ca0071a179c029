//! A fixture for stores that lie in folders.

use std::{
    fs,
    future::Future,
    io,
    marker::PhantomData,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use eventsource_core::{Capability, EventStore, Read, async_trait};
use tempfile::TempDir;

use super::fixture::{Fixture, Setup};

/// A backend whose store lies in a folder, in one file or in many: what [`InFolder`] has to know of it.
///
/// ```
/// use std::path::Path;
///
/// use eventsource_core::MemoryStore;
/// use eventsource_testing::suite::{FolderBackend, InFolder, Setup};
///
/// struct Mine;
///
/// impl FolderBackend for Mine {
///     type Store = MemoryStore;
///
///     async fn open(folder: &Path, setup: Setup) -> MemoryStore {
///         // A backend would open `folder.join("events.log")`.
/// #       let _ = folder;
///         MemoryStore::with_clock_and_faults(setup.clock, setup.faults)
///     }
/// }
///
/// eventsource_testing::event_store_suite!(InFolder<Mine>);
/// ```
pub trait FolderBackend: Send + Sync + 'static {
    /// Its stores.
    type Store: EventStore;

    /// Opens the store in a folder, or makes a new one there. It panics where the store cannot be opened, also where that is
    /// because it is open already.
    fn open(folder: &Path, setup: Setup) -> impl Future<Output = Self::Store> + Send;

    /// See [`Fixture::has_faults`].
    const HAS_FAULTS: bool = true;

    /// See [`Fixture::wasteful_steps`].
    fn wasteful_steps(
        store: &Self::Store,
        read: &Read,
    ) -> impl Future<Output = Option<Vec<String>>> + Send {
        let _ = (store, read);
        async { None }
    }
}

/// Folders for the stores of a backend, one for each case, which go when the case is over.
///
/// A store that claims to be [durable](Capability::Durable) is found again in its folder, also by another process. Each is
/// opened twice: it has to claim [several processes](Capability::MultiProcess), or to refuse that as
/// [`FolderBackend::open`] says.
///
/// A store is closed by dropping its last handle, and nobody waits for more: a folder has to be one that can be opened again
/// as soon as that has returned. A backend that goes on closing after the drop writes a [`Fixture`] with a
/// [`close`](Fixture::close) of its own.
#[derive(Debug)]
pub struct InFolder<B: FolderBackend> {
    path: PathBuf,
    /// `None` in a child process, which only visits.
    _folder: Option<TempDir>,
    open: Mutex<Weak<B::Store>>,
    backend: PhantomData<B>,
}

impl<B: FolderBackend> InFolder<B> {
    fn new(path: PathBuf, folder: Option<TempDir>) -> Self {
        Self {
            path,
            _folder: folder,
            open: Mutex::default(),
            backend: PhantomData,
        }
    }

    fn temporary() -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        Self::new(folder.path().to_owned(), Some(folder))
    }

    /// The store that was opened last, as long as it is open.
    fn opened(&self) -> Option<Arc<B::Store>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.upgrade()
    }
}

#[async_trait]
impl<B: FolderBackend> Fixture for InFolder<B> {
    async fn create() -> Self {
        Self::temporary()
    }

    async fn open(&self, setup: Setup) -> Arc<dyn EventStore> {
        let store = Arc::new(B::open(&self.path, setup).await);
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&store);
        store
    }

    async fn open_another(&self) -> Option<Arc<dyn EventStore>> {
        let path = self.path.clone();
        // One that can be open once only refuses, and so panics.
        let opening = tokio::spawn(async move { B::open(&path, Setup::default()).await });
        Some(Arc::new(opening.await.ok()?))
    }

    fn location(&self) -> Option<String> {
        let path = self.path.to_str();
        Some(path.expect("temporary folders have plain names").to_owned())
    }

    async fn at(location: &str) -> Option<Self> {
        Some(Self::new(location.into(), None))
    }

    fn has_faults(&self) -> bool {
        B::HAS_FAULTS
    }

    async fn wasteful_steps(&self, read: &Read) -> Option<Vec<String>> {
        let store = self.opened()?;
        B::wasteful_steps(&store, read).await
    }

    async fn copy(&self) -> Option<Box<dyn Fixture>> {
        if !self.opened()?.capabilities().has(Capability::Durable) {
            return None;
        }
        let copy = Self::temporary();
        copy_folder(&self.path, &copy.path).expect("the folder can be copied");
        Some(Box::new(copy))
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&to)?;
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}
