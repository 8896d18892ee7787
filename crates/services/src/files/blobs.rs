//! The blob folder: `quarantine/` for what is not known to be clean, `files/` for what is given out.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;

use waypost_core::time::Clock;
use waypost_egress::Egress;

use super::s3::Bucket;
use super::{Content, FileSettings, S3Settings};
use crate::rules::sniff::SNIFFED_BYTES;

/// A blob folder, and perhaps a bucket in place of the parts of it that hold what was judged.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
    bucket: Option<Bucket>,
}

/// Where a content lies that was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Given out.
    Files,
    /// Never given out: something was found in it after it was published.
    Infected,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Infected => "infected",
        }
    }
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
    /// Where `settings` say, with [`Blobs::open`].
    ///
    /// # Errors
    /// See [`Blobs::open`].
    pub fn of(settings: &FileSettings, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let blobs = Self::open(&settings.folder, SystemTime::now())?;
        Ok(match settings.bucket.clone() {
            Some((bucket, egress)) => blobs.in_bucket(bucket, egress, clock),
            None => blobs,
        })
    }

    /// Makes the folders that are missing, and removes what earlier runs left in quarantine.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn open(folder: &Path, now: SystemTime) -> io::Result<Self> {
        let blobs = Self { folder: folder.to_owned(), bucket: None };
        std::fs::create_dir_all(blobs.quarantine())?;
        std::fs::create_dir_all(folder.join(Part::Files.name()))?;
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

    /// Keeps published contents in a bucket; the quarantine stays in the folder.
    #[must_use]
    pub fn in_bucket(mut self, settings: S3Settings, egress: Egress, clock: Arc<dyn Clock>) -> Self {
        self.bucket = Some(Bucket::new(settings, egress, clock));
        self
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
        let key = key(Part::Files, &kept)?;
        match &self.bucket {
            Some(bucket) => bucket.put(&key, &content).await?,
            None => self.rename(&content.path, &key).await?,
        }
        Ok(kept)
    }

    /// Opens a published content.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when it is not there; otherwise when it cannot be read.
    pub async fn read(&self, kept: &Kept) -> io::Result<Content> {
        self.open_at(&key(Part::Files, kept)?).await
    }

    /// Opens a content that was held back.
    ///
    /// # Errors
    /// See [`Blobs::read`].
    pub async fn read_held(&self, kept: &Kept) -> io::Result<Content> {
        self.open_at(&key(Part::Infected, kept)?).await
    }

    /// Moves a published content to where nothing is given out from.
    ///
    /// # Errors
    /// See [`Blobs::read`].
    pub async fn hold(&self, kept: &Kept) -> io::Result<()> {
        self.shift(kept, Part::Files, Part::Infected).await
    }

    /// Publishes a content that was held back.
    ///
    /// # Errors
    /// See [`Blobs::read`].
    pub async fn release(&self, kept: &Kept) -> io::Result<()> {
        self.shift(kept, Part::Infected, Part::Files).await
    }

    /// Removes a content that was judged; one that is not there is no failure.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub async fn remove(&self, kept: &Kept) -> io::Result<()> {
        for part in [Part::Files, Part::Infected] {
            let key = key(part, kept)?;
            match &self.bucket {
                Some(bucket) => bucket.delete(&key).await?,
                None => match fs::remove_file(self.folder.join(key)).await {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                },
            }
        }
        Ok(())
    }

    async fn open_at(&self, key: &str) -> io::Result<Content> {
        match &self.bucket {
            Some(bucket) => bucket.get(key).await,
            None => Ok(Content::File(File::open(self.folder.join(key)).await?)),
        }
    }

    async fn shift(&self, kept: &Kept, from: Part, to: Part) -> io::Result<()> {
        let (from, to) = (key(from, kept)?, key(to, kept)?);
        match &self.bucket {
            Some(bucket) => bucket.rename(&from, &to).await,
            None => self.rename(&self.folder.join(from), &to).await,
        }
    }

    async fn rename(&self, from: &Path, to: &str) -> io::Result<()> {
        let place = self.folder.join(to);
        let shard = place.parent().unwrap_or(&self.folder).to_owned();
        fs::create_dir_all(&shard).await?;
        fs::rename(from, &place).await?;
        // The content must be there after a power cut when its row is.
        File::open(&shard).await?.sync_all().await
    }
}

/// The place of a content below the folder or bucket. Names are ours, in hexadecimal; anything else has no place.
fn key(part: Part, kept: &Kept) -> io::Result<String> {
    let Kept(name) = kept;
    let plain = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.get(..2) {
        Some(shard) if plain => Ok(format!("{}/{shard}/{name}", part.name())),
        _ => Err(io::Error::new(io::ErrorKind::NotFound, "no name of a content")),
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
        assert_eq!(blobs.read(&kept).await.unwrap().piece().await.unwrap(), b"abc".as_slice());
        assert_eq!((listed(folder.path(), "quarantine"), listed(folder.path(), "files")), (0, 1));
        blobs.hold(&kept).await.unwrap();
        assert!(blobs.read(&kept).await.is_err());
        assert_eq!(blobs.read_held(&kept).await.unwrap().piece().await.unwrap(), b"abc".as_slice());
        blobs.release(&kept).await.unwrap();
        assert_eq!((blobs.read(&kept).await.is_ok(), blobs.read_held(&kept).await.is_ok()), (true, false));
        blobs.hold(&kept).await.unwrap();
        blobs.remove(&kept).await.unwrap();
        blobs.remove(&kept).await.unwrap();
        assert!(blobs.read(&kept).await.is_err() && blobs.read_held(&kept).await.is_err());
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
            assert!(blobs.read(&Kept(name.to_owned())).await.is_err(), "{name}");
        }
    }
}
