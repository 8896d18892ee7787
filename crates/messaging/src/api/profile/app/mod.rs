//! `/resources/v2/customerappprofile/<appid>`.

pub(super) mod delete;
pub(super) mod get;
pub(super) mod post;
pub(super) mod put;
