//! `/resources/v1/messaging`.

pub(super) mod post;
pub(super) mod status;
