//! The blob folder: `quarantine/` for what is not known to be clean, `files/` for what is given out.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;

use crate::rules::sniff::SNIFFED_BYTES;

/// A blob folder.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
}

/// A content in quarantine. Dropping it removes the content.
#[derive(Debug)]
pub struct Quarantined {
    path: PathBuf,
    name: String,
    start: Vec<u8>,
    size: u64,
    hash: String,
}

/// A content under way into quarantine. Dropping it removes what was written.
pub struct Incoming {
    guard: Removing,
    name: String,
    file: File,
    hash: digest::Context,
    start: Vec<u8>,
    size: u64,
}

/// The name of a published content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept(pub String);

/// Removes a file when it is dropped, unless it was told otherwise.
#[derive(Debug)]
struct Removing(Option<PathBuf>);

impl Drop for Removing {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // It may be gone; what stays is removed by the sweep at the next start.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// How old a content in quarantine is when nobody can be working on it any more.
const STALE: Duration = Duration::from_secs(24 * 3_600);

impl Blobs {
    /// Makes the folders that are missing, and removes what earlier runs left in quarantine.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn open(folder: &Path, now: SystemTime) -> io::Result<Self> {
        let blobs = Self { folder: folder.to_owned() };
        std::fs::create_dir_all(blobs.quarantine())?;
        std::fs::create_dir_all(blobs.files())?;
        for entry in std::fs::read_dir(blobs.quarantine())? {
            let entry = entry?;
            let age = entry.metadata()?.modified().ok().and_then(|at| now.duration_since(at).ok());
            if age.is_some_and(|age| age > STALE) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(blobs)
    }

    fn quarantine(&self) -> PathBuf {
        self.folder.join("quarantine")
    }

    fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// The place of a published content. Names are ours, in hexadecimal; anything else has no place.
    fn place(&self, name: &str) -> io::Result<PathBuf> {
        let plain = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        match name.get(..2) {
            Some(shard) if plain => Ok(self.files().join(shard).join(name)),
            _ => Err(io::Error::new(io::ErrorKind::NotFound, "no name of a content")),
        }
    }

    /// Begins a content under a name of 16 random bytes.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub async fn begin(&self, random: [u8; 16]) -> io::Result<Incoming> {
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = self.quarantine().join(&name);
        let file = File::create_new(&path).await?;
        Ok(Incoming {
            guard: Removing(Some(path)),
            name,
            file,
            hash: digest::Context::new(&digest::SHA256),
            start: Vec::new(),
            size: 0,
        })
    }

    /// Moves a content out of quarantine, to where it is given out from.
    ///
    /// # Errors
    /// When the file cannot be moved.
    pub async fn publish(&self, content: Quarantined) -> io::Result<Kept> {
        let kept = Kept(content.name.clone());
        let place = self.place(&kept.0)?;
        let shard = place.parent().unwrap_or(&self.folder).to_owned();
        fs::create_dir_all(&shard).await?;
        fs::rename(&content.path, &place).await?;
        // The content must be there after a power cut when its row is.
        File::open(&shard).await?.sync_all().await?;
        Ok(kept)
    }

    /// Opens a published content.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn read(&self, kept: &Kept) -> io::Result<File> {
        File::open(self.place(&kept.0)?).await
    }

    /// Where a published content lies, for a scan.
    ///
    /// # Errors
    /// For a name that is none of ours.
    pub fn path(&self, kept: &Kept) -> io::Result<PathBuf> {
        self.place(&kept.0)
    }

    /// Removes a published content; one that is not there is no failure.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub async fn remove(&self, kept: &Kept) -> io::Result<()> {
        match fs::remove_file(self.place(&kept.0)?).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Incoming {
    /// Appends a piece.
    ///
    /// # Errors
    /// When the disk is full or gone.
    pub async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece).await?;
        self.hash.update(piece);
        self.size += piece.len() as u64;
        let wanted = SNIFFED_BYTES.saturating_sub(self.start.len()).min(piece.len());
        self.start.extend_from_slice(piece.get(..wanted).unwrap_or_default());
        Ok(())
    }

    /// Bytes written so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Ends the content; it is on disk when this returns.
    ///
    /// # Errors
    /// When the disk is full or gone.
    pub async fn end(mut self) -> io::Result<Quarantined> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let path = self.guard.0.take().unwrap_or_default();
        let hash = self.hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Quarantined { path, name: self.name, start: self.start, size: self.size, hash })
    }
}

impl Quarantined {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name it will be published under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its first bytes.
    #[must_use]
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// Its length, bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Its SHA-256 in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

impl Drop for Quarantined {
    fn drop(&mut self) {
        // After it was published there is nothing at this path any more.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(folder: &Path, part: &str) -> usize {
        std::fs::read_dir(folder.join(part)).unwrap().count()
    }

    #[tokio::test]
    async fn a_content_is_hashed_on_its_way_and_published_whole() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), SystemTime::now()).unwrap();
        let mut incoming = blobs.begin([7; 16]).await.unwrap();
        for piece in [b"ab".as_slice(), b"c"] {
            incoming.write(piece).await.unwrap();
        }
        let content = incoming.end().await.unwrap();
        assert_eq!((content.size(), content.start()), (3, b"abc".as_slice()));
        assert_eq!(content.hash(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let kept = blobs.publish(content).await.unwrap();
        assert_eq!(std::fs::read(blobs.path(&kept).unwrap()).unwrap(), b"abc");
        assert_eq!((listed(folder.path(), "quarantine"), listed(folder.path(), "files")), (0, 1));
        blobs.remove(&kept).await.unwrap();
        blobs.remove(&kept).await.unwrap();
        assert!(blobs.read(&kept).await.is_err());
    }

    #[tokio::test]
    async fn a_content_that_is_given_up_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), SystemTime::now()).unwrap();
        let mut incoming = blobs.begin([1; 16]).await.unwrap();
        incoming.write(b"half").await.unwrap();
        assert_eq!(listed(folder.path(), "quarantine"), 1);
        drop(incoming);
        drop(blobs.begin([2; 16]).await.unwrap().end().await.unwrap());
        assert_eq!(listed(folder.path(), "quarantine"), 0);
    }

    #[test]
    fn what_an_earlier_run_left_in_quarantine_is_removed_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        Blobs::open(folder.path(), SystemTime::now()).unwrap();
        std::fs::write(folder.path().join("quarantine/left"), b"x").unwrap();
        Blobs::open(folder.path(), SystemTime::now()).unwrap();
        assert_eq!(listed(folder.path(), "quarantine"), 1);
        Blobs::open(folder.path(), SystemTime::now() + STALE * 2).unwrap();
        assert_eq!(listed(folder.path(), "quarantine"), 0);
    }

    #[tokio::test]
    async fn a_name_leads_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path(), SystemTime::now()).unwrap();
        for name in ["", "../../etc/passwd", "a/../../../../../../../../etc/passwd", "é"] {
            assert!(blobs.path(&Kept(name.to_owned())).is_err(), "{name}");
        }
    }
}
