//! Stored files looked at again: signatures are newer than they were when the files came.
//!
//! A content is scanned once for its SHA-256 with each version of engine and signatures; the verdict is stored with both. What is
//! found infected is given out no more from the moment its row says so, and moved to where nothing is given out from; what was held
//! back and is found clean is given out again.

use std::io;
use std::sync::Arc;

use waypost_core::time::Clock;
use waypost_store::{Store, StoreError};

use crate::files::{Blobs, Clamd, Content, Kept, ScanError, Verdict, Version};
use crate::records::Scope;
use crate::records::file::{self, FileRow, FileState};

/// What a rescan works with.
#[derive(Clone)]
pub struct Rescan {
    /// Where the rows are.
    pub store: Store,
    /// Where the contents are.
    pub blobs: Blobs,
    /// Who scans.
    pub clamd: Arc<Clamd>,
    /// Now.
    pub clock: Arc<dyn Clock>,
}

/// What a rescan has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Contents that were scanned; the others had a verdict of this engine with these signatures.
    pub scanned: u64,
    /// Files that are given out.
    pub clean: u64,
    /// Files that are held back.
    pub infected: u64,
    /// Files, by row, that were given out before and are held back now.
    pub newly_infected: Vec<i64>,
    /// Files, by row, that are given out and were not before.
    pub released: Vec<i64>,
    /// Files whose content is not there: refused when it came.
    pub absent: u64,
    /// Files, by row, without a verdict: longer than the scanner takes.
    pub failed: Vec<i64>,
}

/// Why a rescan stopped; what was found so far is stored.
#[derive(Debug, thiserror::Error)]
pub enum RescanError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The scanner is away or says something odd.
    #[error(transparent)]
    Scanner(#[from] ScanError),
    /// A content cannot be read or moved.
    #[error("the content of file {file}: {error}")]
    Content {
        /// Its row.
        file: i64,
        /// Why.
        error: io::Error,
    },
}

impl Rescan {
    /// Looks at every file of the tenant in `scope`, by row.
    ///
    /// # Errors
    /// [`RescanError`].
    pub async fn run(&self, scope: &Scope) -> Result<Tally, RescanError> {
        let version = self.clamd.version().await?;
        let (mut tally, mut last) = (Tally::default(), 0);
        loop {
            let scope = Scope { now: self.clock.now(), ..scope.clone() };
            let of = scope.clone();
            let files = self.store.read(move |tx| file::after(tx, &of, last)).await?;
            let Some(end) = files.last() else { return Ok(tally) };
            last = end.id;
            for file in &files {
                self.look(&scope, file, &version, &mut tally).await?;
            }
        }
    }

    async fn look(
        &self,
        scope: &Scope,
        file: &FileRow,
        version: &Version,
        tally: &mut Tally,
    ) -> Result<(), RescanError> {
        let Some((content, held)) = self.open(file).await? else {
            tally.absent += 1;
            return Ok(());
        };
        let verdict = match self.known(scope, file, version).await? {
            Some(verdict) => verdict,
            None => match self.clamd.scan_content(content).await {
                Ok(verdict) => {
                    tally.scanned += 1;
                    self.keep(scope, file, version, &verdict).await?;
                    verdict
                }
                Err(ScanError::TooLong) => {
                    tally.failed.push(file.id);
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            },
        };
        match verdict {
            Verdict::Infected(threat) => {
                tracing::warn!(file = file.id, threat, "a stored file is infected");
                tally.infected += 1;
                if file.state != FileState::Infected {
                    tally.newly_infected.push(file.id);
                }
                self.hold(scope, file, held).await
            }
            Verdict::Clean => {
                tally.clean += 1;
                if file.state != FileState::Clean {
                    tally.released.push(file.id);
                }
                self.release(scope, file, held).await
            }
        }
    }

    /// The content, and whether it is held back. `None` when it is not there.
    async fn open(&self, file: &FileRow) -> Result<Option<(Content, bool)>, RescanError> {
        let kept = Kept(file.blob.clone());
        match self.blobs.read(&kept).await {
            Ok(content) => return Ok(Some((content, false))),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(file, error)),
            Err(_) => {}
        }
        match self.blobs.read_held(&kept).await {
            Ok(content) => Ok(Some((content, true))),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(file, error)),
            Err(_) => Ok(None),
        }
    }

    async fn known(
        &self,
        scope: &Scope,
        file: &FileRow,
        version: &Version,
    ) -> Result<Option<Verdict>, StoreError> {
        let (scope, hash, version) = (scope.clone(), file.hash.clone(), version.clone());
        self.store.read(move |tx| file::verdict(tx, &scope, &hash, &version)).await
    }

    async fn keep(
        &self,
        scope: &Scope,
        file: &FileRow,
        version: &Version,
        verdict: &Verdict,
    ) -> Result<(), StoreError> {
        let (scope, hash) = (scope.clone(), file.hash.clone());
        let (version, verdict) = (version.clone(), verdict.clone());
        self.store.write(move |tx| file::keep_verdict(tx, &scope, &hash, &verdict, &version)).await
    }

    /// First the row, so that nobody is given the content while it moves.
    async fn hold(&self, scope: &Scope, file: &FileRow, held: bool) -> Result<(), RescanError> {
        self.settle(scope, file, FileState::Infected).await?;
        match held {
            true => Ok(()),
            false => self.blobs.hold(&Kept(file.blob.clone())).await.map_err(|error| at(file, error)),
        }
    }

    /// First the content, so that the row promises nothing that is not there.
    async fn release(&self, scope: &Scope, file: &FileRow, held: bool) -> Result<(), RescanError> {
        if held {
            self.blobs.release(&Kept(file.blob.clone())).await.map_err(|error| at(file, error))?;
        }
        Ok(self.settle(scope, file, FileState::Clean).await?)
    }

    async fn settle(&self, scope: &Scope, file: &FileRow, state: FileState) -> Result<(), StoreError> {
        if file.state == state {
            return Ok(());
        }
        let (scope, file) = (scope.clone(), file.clone());
        self.store.write(move |tx| file::change_state(tx, &scope, &file, state)).await
    }
}

fn at(file: &FileRow, error: io::Error) -> RescanError {
    RescanError::Content { file: file.id, error }
}
