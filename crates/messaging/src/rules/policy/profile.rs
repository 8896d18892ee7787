//! A recipient whose profile is inactive gets nothing (7110).

use super::{Facts, Note, PolicyCode};

pub(super) fn check(facts: &Facts<'_>) -> Option<Note> {
    let inactive = facts.recipient.is_some_and(|recipient| !recipient.active);
    inactive.then(|| Note::refusal(PolicyCode::RecipientInactive, "the recipient's profile has status 0"))
}
