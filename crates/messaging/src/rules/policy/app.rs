//! The features of the app asset (7117, 7118).

use waypost_core::channel::Channel;
use waypost_store::directory::{App, Status};

use super::{Facts, Note, PolicyCode};

/// Whether the app may carry the channel; the reason when it may not.
///
/// # Errors
/// [`PolicyCode::AppSuspended`], [`PolicyCode::RtOff`] or [`PolicyCode::PushOff`].
pub const fn carries(app: &App, channel: Channel) -> Result<(), PolicyCode> {
    match (app.status, channel) {
        (Status::Suspended, _) => Err(PolicyCode::AppSuspended),
        (Status::Live, Channel::Rt) if !app.rt => Err(PolicyCode::RtOff),
        (Status::Live, Channel::Push) if !app.push => Err(PolicyCode::PushOff),
        (Status::Live, _) => Ok(()),
    }
}

pub(super) fn check(facts: &Facts<'_>) -> Option<Note> {
    let app = facts.app?;
    let code = carries(app, facts.channel).err()?;
    let what = match code {
        PolicyCode::RtOff => "has no real-time messaging",
        PolicyCode::PushOff => "has no push",
        _ => "is suspended",
    };
    Some(Note::refusal(code, format!("app {} {what}", app.app_id)))
}
