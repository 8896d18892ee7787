//! Profile keys.

use serde::Deserialize;
use waypost_store::directory::{Directory, KeyKind, KeyMatch, Status, Tenant};
use waypost_store::{Actor, TenantId};

use crate::api::Tps;
use crate::api::profile::{ProfileCaller, Switches};

/// The tenant of a presented key; `None` unless it is a current profile key.
pub(super) fn by_key(directory: &Directory, presented: &str) -> Option<ProfileCaller> {
    let KeyMatch { key, tenant, .. } = directory.key(presented)?;
    if key.kind != KeyKind::Profile {
        return None;
    }
    let limit = directory.limit(tenant.id, "profile");
    Some(ProfileCaller {
        tenant: TenantId(tenant.id),
        actor: Actor::Key(key.id),
        slug: tenant.slug.clone(),
        is_active: tenant.status == Status::Live,
        allowlist: directory.allowlist(tenant.id).to_vec(),
        tps: limit.map(|limit| Tps { per_second: limit.per_second, burst_mode: limit.burst_mode }),
        switches: switches(tenant),
        own: directory.profile_attributes(tenant.id).to_vec(),
    })
}

/// The switches in a tenant's settings; what is not there, or not ours to read, is off.
fn switches(tenant: &Tenant) -> Switches {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Settings {
        profile: Switches,
    }
    serde_json::from_str::<Settings>(&tenant.settings).unwrap_or_default().profile
}
