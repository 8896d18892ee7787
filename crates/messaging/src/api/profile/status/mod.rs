//! What became of queued batches.

pub(super) mod get;
