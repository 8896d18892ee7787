//! Devices of an app.

pub(super) mod delete;
