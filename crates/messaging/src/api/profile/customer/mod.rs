//! `/resources/v2/customerprofile`.

pub(super) mod delete;
pub(super) mod get;
pub(super) mod post;
pub(super) mod put;
