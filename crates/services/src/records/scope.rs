//! Who asks, for which tenant, and which services are open to them.

use std::sync::Arc;

use waypost_core::time::Micros;
use waypost_status::MtapiCode;
use waypost_store::{Actor, Ctx, TenantId};

use super::status_watch::Watched;
use crate::rules::Refusal;

/// The services an application is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Services {
    /// Every service of the tenant: the portal, the operator.
    All,
    /// These.
    Of(Arc<[i64]>),
}

/// The context of one request, or of one command.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Tenant and actor.
    pub ctx: Ctx,
    /// When it was asked.
    pub now: Micros,
    /// Row of the application; 0 for the operator.
    pub application: i64,
    /// The person who acts, if one is named.
    pub user: Option<i64>,
    /// Where the request came from, for the audit.
    pub source: Arc<str>,
    /// Which services it may touch.
    pub services: Services,
    /// The number of this server among those on one store (`store.node`).
    pub node: i64,
    /// Who is told of statuses; for a command nobody is.
    pub watched: Watched,
}

impl Scope {
    /// The operator, inside one tenant.
    #[must_use]
    pub fn operator(tenant: TenantId, now: Micros) -> Self {
        let ctx = Ctx::of(tenant.0, Actor::Operator);
        Self {
            ctx,
            now,
            application: 0,
            user: None,
            source: Arc::from("command line"),
            services: Services::All,
            node: 0,
            watched: Watched::default(),
        }
    }

    /// The tenant's row, as a parameter.
    #[must_use]
    pub const fn tenant(&self) -> i64 {
        self.ctx.tenant.0
    }

    /// Whether the application is bound to this service.
    #[must_use]
    pub fn covers(&self, service: i64) -> bool {
        match &self.services {
            Services::All => true,
            Services::Of(services) => services.contains(&service),
        }
    }

    /// Refuses a service the application is not bound to.
    ///
    /// # Errors
    /// 901006.
    pub fn require(&self, service: i64) -> Result<(), Refusal> {
        if self.covers(service) {
            return Ok(());
        }
        Err(Refusal::from(MtapiCode::AuthorizationError)
            .at("ServiceId", "a service that the calling application is bound to"))
    }

    /// Who acts: the person of the request, else the one `named` by a parameter.
    #[must_use]
    pub fn actor(&self, named: Option<i64>) -> i64 {
        named.or(self.user).unwrap_or(0)
    }
}
