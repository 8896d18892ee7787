//! An import into an empty store that is thrown away: whatever is wrong with the file shows before anything is kept.

use std::io::{self, BufRead, Read};
use std::path::Path;

use anyhow::Context;
use tempfile::TempDir;
use waypost_core::time::{Clock, SystemClock};
use waypost_store::transfer::{TransferError, import_tenant};
use waypost_store::{Location, Store, StoreConfig};

use super::{ALL, open};
use crate::config::{Config, Engine};
use crate::wiring;

/// About as many lines as are imported together: the refused one is most likely among the last of them.
const GROUP_LINES: u64 = 256;

/// Imports all of `file` into a store of its own.
///
/// # Errors
/// What is wrong with the file and in which line; or when there is no room to try it.
pub(super) async fn run(config: &Config, file: &Path) -> anyhow::Result<()> {
    let (fault, seen) = match attempt(config, file, u64::MAX).await? {
        (Ok(()), _) => return Ok(()),
        (Err(fault), seen) => (fault, seen),
    };
    match fault {
        TransferError::Line { .. } => Err(fault.into()),
        TransferError::Io(error) => Err(error).with_context(|| format!("line {seen}")),
        TransferError::Store(error) => {
            let line = first_refused(config, file, seen).await?;
            Err(error).with_context(|| format!("line {line}"))
        }
    }
}

/// The store refuses a group of lines as one: the shortest beginning of the file that it refuses ends with the line.
async fn first_refused(config: &Config, file: &Path, seen: u64) -> anyhow::Result<u64> {
    let (mut sound, mut refused) = (0, seen);
    let mut middle = seen.saturating_sub(GROUP_LINES);
    while refused - sound > 1 {
        match attempt(config, file, middle).await?.0 {
            Err(TransferError::Store(_)) => refused = middle,
            // A beginning without its tenant is no whole file, but no line of it was refused.
            Ok(()) | Err(_) => sound = middle,
        }
        middle = sound + (refused - sound) / 2;
    }
    Ok(refused)
}

/// The outcome over the first `lines` lines, and how many of them were read.
async fn attempt(
    config: &Config,
    file: &Path,
    lines: u64,
) -> anyhow::Result<(Result<(), TransferError>, u64)> {
    let folder = scratch(config).context("making a folder to try the file in")?;
    let place = Location::Sqlite(folder.path().join(wiring::FILE));
    let store = Store::open(&StoreConfig::new(place)).context("making a store to try the file in")?;
    let mut from = Lines { from: open(file)?, seen: 0, most: lines };
    let outcome = import_tenant(&store, &ALL, SystemClock.now(), &mut from).await;
    store.close().await;
    Ok((outcome.map(drop), from.seen))
}

/// Beside the store, where there is room for the tenant if there is room to import it.
fn scratch(config: &Config) -> io::Result<TempDir> {
    let named = tempfile::Builder::new().prefix("import-").to_owned();
    match config.store.engine {
        Engine::Sqlite => {
            std::fs::create_dir_all(&config.store.data_dir)?;
            named.tempdir_in(&config.store.data_dir)
        }
        Engine::Postgres => named.tempdir(),
    }
}

/// The first lines of a file, counted.
struct Lines<R> {
    from: R,
    seen: u64,
    most: u64,
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.seen >= self.most {
            return Ok(&[]);
        }
        let buffer = self.from.fill_buf()?;
        // One line at most, so that the count never passes the bound.
        let end = buffer.iter().position(|byte| *byte == b'\n').map_or(buffer.len(), |end| end + 1);
        Ok(buffer.get(..end).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        let ends_line =
            amount > 0 && self.from.fill_buf().is_ok_and(|buffer| buffer.get(amount - 1) == Some(&b'\n'));
        self.seen += u64::from(ends_line);
        self.from.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_lines_are_read_and_counted() {
        let mut lines =
            Lines { from: io::BufReader::with_capacity(2, &b"one\ntwo\nthree"[..]), seen: 0, most: 2 };
        let mut text = String::new();
        lines.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), lines.seen), ("one\ntwo\n", 2));
        let mut whole = Lines { from: &b"one\n\ntwo"[..], seen: 0, most: u64::MAX };
        assert_eq!(whole.by_ref().lines().map(Result::unwrap).collect::<Vec<_>>(), ["one", "", "two"]);
        assert_eq!(whole.seen, 2);
    }
}
