//! File contents: where they lie, and whether they are clean.
//!
//! A content is first written to the quarantine of the blob folder, hashed on the way, then scanned, and only when it is clean
//! moved to where it is given out from: a folder beside the quarantine, or a bucket of an S3 store. No content is ever held in
//! memory whole.

mod address;
mod blobs;
mod clamd;
mod content;
mod s3;

use std::path::PathBuf;

pub use address::ScannerAddress;
pub use blobs::{Blobs, Kept, Quarantined};
pub use clamd::{Clamd, ScanError, Verdict, Version};
pub use content::Content;
pub use s3::S3Settings;

use waypost_egress::Egress;

use crate::rules::file_name::NameRule;

/// Where files lie and who scans them.
#[derive(Clone)]
pub struct FileSettings {
    /// The blob folder; empty for none, then no file is taken.
    pub folder: PathBuf,
    /// The bucket where published contents lie; without one they lie in the folder.
    pub bucket: Option<(S3Settings, Egress)>,
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

impl std::fmt::Debug for FileSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bucket = self.bucket.as_ref().map(|(bucket, _)| bucket);
        f.debug_struct("FileSettings")
            .field("folder", &self.folder)
            .field("bucket", &bucket)
            .finish_non_exhaustive()
    }
}

/// The published limit: 200 MB.
pub const FILE_BYTES_MAX: u64 = 200 * 1024 * 1024;

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            folder: PathBuf::new(),
            bucket: None,
            bytes_max: FILE_BYTES_MAX,
            idle_ms_max: 30_000,
            scanner: None,
            scan_ms_max: 120_000,
            names: NameRule::Documented,
        }
    }
}
