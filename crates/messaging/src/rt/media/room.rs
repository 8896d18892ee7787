//! The folder the bytes lie in.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

/// Letters of a name.
const NAME_BYTES: usize = 32;

/// The folder. A clone is a handle to the same one.
#[derive(Clone, Debug)]
pub struct MediaRoom {
    folder: Arc<Path>,
}

impl MediaRoom {
    /// Over a folder, which is made when the first file comes.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.into() }
    }

    /// The place of a file. Names are ours, in hexadecimal; anything else has no place.
    fn place(&self, name: &str) -> io::Result<PathBuf> {
        let is_ours = name.len() == NAME_BYTES && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        match name.get(..2) {
            Some(shard) if is_ours => Ok(self.folder.join(shard).join(name)),
            _ => Err(io::Error::new(io::ErrorKind::NotFound, "no name of a file")),
        }
    }

    /// Keeps bytes under a name; they are on the disk when this returns.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn keep(&self, name: &str, bytes: Bytes) -> io::Result<()> {
        let place = self.place(name)?;
        blocking(move || {
            let shard = place.parent().unwrap_or(Path::new(".")).to_owned();
            std::fs::create_dir_all(&shard)?;
            // Whole or not at all: under its name a file never is half of itself.
            let half = place.with_extension("part");
            let mut file = std::fs::File::create(&half)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&half, &place)?;
            std::fs::File::open(&shard)?.sync_all()
        })
        .await
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is not there, or the disk fails.
    pub async fn read(&self, name: &str) -> io::Result<Bytes> {
        let place = self.place(name)?;
        blocking(move || std::fs::read(place).map(Bytes::from)).await
    }

    /// Removes a file; one that is gone already is no failure.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn remove(&self, name: &str) -> io::Result<()> {
        let place = self.place(name)?;
        blocking(move || match std::fs::remove_file(place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(job: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(job).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_kept_whole_read_back_and_removed_and_other_names_have_no_place() {
        let folder = tempfile::tempdir().unwrap();
        let room = MediaRoom::new(&folder.path().join("media"));
        let name = "0123456789abcdef0123456789abcdef";
        assert!(room.read(name).await.is_err());
        room.keep(name, Bytes::from_static(b"bytes")).await.unwrap();
        assert_eq!(room.read(name).await.unwrap(), Bytes::from_static(b"bytes"));
        room.remove(name).await.unwrap();
        room.remove(name).await.unwrap();
        assert!(room.read(name).await.is_err());
        for bad in ["", "..", "../../etc/passwd", "0123456789abcdef0123456789abcde/"] {
            assert_eq!(room.read(bad).await.unwrap_err().kind(), io::ErrorKind::NotFound, "{bad}");
        }
    }
}
