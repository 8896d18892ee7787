//! Two servers must not own one file: each would think the memory of the key tail and the leases its own.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Held while a server owns the file; the operating system drops it with the process, however it ends.
#[derive(Debug)]
pub(crate) struct ServerLock {
    _file: File,
}

impl ServerLock {
    /// Takes the lock of the database at `path`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when another server holds it.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let lock_path = lock_path(path);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let file =
            open.map_err(|error| StoreError::Unavailable(format!("{}: {error}", lock_path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
                "another server has {} open; one SQLite file serves one server, use PostgreSQL for several",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
