//! File contents: where they lie, and whether they are clean.
//!
//! A content is first written to the quarantine of the blob folder, hashed on the way, then scanned, and only when it is clean
//! moved to where it is given out from. No content is ever held in memory whole.

mod address;
mod blobs;
mod clamd;

use std::path::PathBuf;

pub use address::ScannerAddress;
pub use blobs::{Blobs, Kept, Quarantined};
pub use clamd::{Clamd, ScanError, Verdict, Version};

use crate::rules::file_name::NameRule;

/// Where files lie and who scans them.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// The blob folder; empty for none, then no file is taken.
    pub folder: PathBuf,
    /// Largest file, bytes.
    pub bytes_max: u64,
    /// Longest time between two pieces of an upload, milliseconds.
    pub idle_ms_max: u64,
    /// Where clamd listens; without one no file is taken.
    pub scanner: Option<ScannerAddress>,
    /// Longest time one exchange with clamd may take, milliseconds.
    pub scan_ms_max: u64,
    /// Which names are taken.
    pub names: NameRule,
}

/// The published limit: 200 MB.
pub const FILE_BYTES_MAX: u64 = 200 * 1024 * 1024;

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            folder: PathBuf::new(),
            bytes_max: FILE_BYTES_MAX,
            idle_ms_max: 30_000,
            scanner: None,
            scan_ms_max: 120_000,
            names: NameRule::Documented,
        }
    }
}
