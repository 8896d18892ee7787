//! Who asks, and for which tenant (invariant 8: a tenant in every query).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The row id of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub i64);

impl TenantId {
    /// No single tenant: work of the operator or of the system across all of them. No row has this id.
    pub const ALL: Self = Self(0);
}

impl fmt::Display for TenantId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A request with this API key (row id).
    Key(i64),
    /// The operator, through the command line.
    Operator,
    /// The server itself; the text says why.
    System(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(out, "key:{id}"),
            Self::Operator => out.write_str("operator"),
            Self::System(reason) => write!(out, "system:{reason}"),
        }
    }
}

/// The context every function that touches a tenant's rows takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ctx {
    /// The only tenant whose rows may be read or written; [`TenantId::ALL`] for cross-tenant work.
    pub tenant: TenantId,
    /// Who acts, for the audit.
    pub actor: Actor,
}

impl Ctx {
    /// `actor` inside the tenant with this row id.
    #[must_use]
    pub const fn of(tenant: i64, actor: Actor) -> Self {
        Self { tenant: TenantId(tenant), actor }
    }

    /// A request authenticated by an API key.
    #[must_use]
    pub const fn key(tenant: TenantId, key: i64) -> Self {
        Self { tenant, actor: Actor::Key(key) }
    }

    /// The operator, inside one tenant.
    #[must_use]
    pub const fn operator(tenant: TenantId) -> Self {
        Self { tenant, actor: Actor::Operator }
    }

    /// The system, inside one tenant.
    #[must_use]
    pub const fn system(tenant: TenantId, reason: &'static str) -> Self {
        Self { tenant, actor: Actor::System(reason) }
    }

    /// The system across all tenants; `reason` names the work, for example `"retention"`.
    #[must_use]
    pub const fn all(reason: &'static str) -> Self {
        Self { tenant: TenantId::ALL, actor: Actor::System(reason) }
    }

    /// Whether a row of `tenant` may be touched.
    #[must_use]
    pub const fn covers(&self, tenant: TenantId) -> bool {
        self.tenant.0 == TenantId::ALL.0 || self.tenant.0 == tenant.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_covers_its_tenant_only_unless_it_is_for_all() {
        let one = Ctx::key(TenantId(1), 7);
        assert!(one.covers(TenantId(1)) && !one.covers(TenantId(2)));
        assert!(Ctx::all("retention").covers(TenantId(2)));
        assert_eq!(Ctx::all("retention").actor.to_string(), "system:retention");
    }
}
