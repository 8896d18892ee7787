//! The content family: ordered, acknowledged, audited push of structured content, and the receiver of it.

#![forbid(unsafe_code)]
