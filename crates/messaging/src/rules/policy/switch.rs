//! A tenant whose profile is switched off sends nothing, also of what it had accepted before (7008).

use waypost_store::directory::TenantPolicies;

use super::{Note, PolicyCode};

pub(super) fn check(tenant: &TenantPolicies) -> Option<Note> {
    tenant.switched_off.then(|| Note::refusal(PolicyCode::ProfileOff, "the tenant's profile is switched off"))
}
