//! An online backup: a consistent copy beside a running writer.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::errors::store_error;
use crate::StoreError;

/// Copies the database at `from` to the new file `to`. The copy appears under its name only when it is complete
/// and on disk.
///
/// # Errors
/// [`StoreError::Unavailable`] when `to` exists or cannot be written.
pub(crate) fn backup(from: &Path, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::Unavailable(format!("{} exists; choose a new name", to.display())));
    }
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    remove_if_there(partial)?;
    let text = partial.to_str().ok_or_else(|| StoreError::Unsupported("the path is not UTF-8".to_owned()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(from, flags).map_err(store_error)?;
    db.execute("VACUUM INTO ?1", [text]).map_err(store_error)?;
    File::open(partial)?.sync_all()?;
    fs::rename(partial, to)?;
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
