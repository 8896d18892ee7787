//! A tenant as JSON Lines: one object a row, with `"table"` and the columns. Bytes are base64.
//!
//! The first line names the format. Open work, search keys and provider ids are not exported: keys are made anew at the
//! import, and what is still on its way stays where it is.

mod export;
mod import;
mod profiles;
mod table;

use thiserror::Error;

use crate::StoreError;

pub use export::{ExportOptions, export_tenant};
pub use import::{Imported, import_tenant};

/// Names the format and its version in the first line.
const FORMAT: &str = "waypost-tenant/1";

/// Why an export or import stopped.
#[derive(Debug, Error)]
pub enum TransferError {
    /// The store failed, or refused a row.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be read or written.
    #[error("the file: {0}")]
    Io(#[from] std::io::Error),
    /// A line is not one of ours.
    #[error("line {line}: {detail}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        detail: String,
    },
}
