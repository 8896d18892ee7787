//! `/webhooks/messenger/<appid>`.

mod take;
mod verify;

pub(super) use take::handle as take;
pub(super) use verify::handle as verify;
