//! What runs outside a request.

pub mod rescan;
