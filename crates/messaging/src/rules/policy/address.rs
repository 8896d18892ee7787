//! Tenants on trial send to verified destinations only (7116): profiles with `verified` 1, or what an operator entered.

use waypost_store::directory::TenantPolicies;

use super::{Facts, Note, PolicyCode};

pub(super) fn check(facts: &Facts<'_>, tenant: &TenantPolicies) -> Option<Note> {
    if !tenant.verified_only {
        return None;
    }
    let by_profile = facts.recipient.is_some_and(|recipient| recipient.verified);
    let by_number = || facts.number.is_some_and(|number| tenant.is_verified(number.as_str()));
    let verified = by_profile || by_number() || tenant.is_verified(facts.destination);
    let why = "neither its profile nor the tenant's list says that it is verified";
    (!verified).then(|| Note::refusal(PolicyCode::NotVerified, why))
}
