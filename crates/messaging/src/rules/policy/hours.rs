//! Promotional services keep to the social hours (7113); nothing is kept for later.

use waypost_store::directory::TenantPolicies;

use super::{Facts, Note, PolicyCode};

pub(super) fn check(facts: &Facts<'_>, tenant: &TenantPolicies) -> Option<Note> {
    let hours = tenant.social_hours(facts.service)?;
    if hours.is_open(facts.now) {
        return None;
    }
    let minute = hours.zone.minute_of_day(facts.now);
    let clock = format!("{:02}:{:02}", minute / 60, minute % 60);
    let detail = format!("it is {clock}, promotional messages leave {}", hours.window);
    Some(Note::refusal(PolicyCode::SocialHours, detail))
}
