//! From the statuses of service requests to the rules on messages. Neither family knows of the other: what is kept for the
//! rules is kept in the transaction of the status.

use std::sync::Arc;

use waypost_core::time::Micros;
use waypost_messaging::work::rules::What;
use waypost_messaging::work::runtime::Shared;
use waypost_services::records::status_watch::{Entered, StatusWatch};
use waypost_store::directory::Happens;
use waypost_store::{Sql, StoreError};

/// The rules as a watch of statuses.
pub struct Rules(pub Arc<Shared>);

impl StatusWatch for Rules {
    fn awaits(&self, tenant: i64) -> bool {
        self.0.rules.awaits(tenant, Happens::Status)
    }

    fn entered(&self, tx: &mut dyn Sql, entered: &Entered) -> Result<Vec<Micros>, StoreError> {
        let what = What {
            tenant: entered.tenant,
            // A service desk's service is none of those that send: rules of every one may answer.
            service: None,
            happens: Happens::Status,
            correlation: Some(format!("servicerequest-{}", entered.request)),
            facts: entered.facts.clone(),
        };
        let mut dues = self.0.rules.happened(tx, &what, entered.at)?;
        for event in &entered.raises {
            dues.extend(self.0.rules.raise(tx, (&what, *event), entered.at)?);
        }
        Ok(dues.into_iter().map(|due| due.ready_at()).collect())
    }

    fn committed(&self, tenant: i64, due: Micros) {
        self.0.rules.wake(tenant, due);
    }
}
