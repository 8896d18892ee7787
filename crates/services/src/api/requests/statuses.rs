//! `GET /api/v1/servicerequests/statuses`.

use serde::Serialize;

use super::common::offered;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::service_parts;
use crate::rules::{Fault, RequestStatus};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    id: i64,
    name: &'static str,
    english_display_name: &'static str,
    french_display_name: &'static str,
    /// Whether the clock of the service runs in it; null without a service.
    service_category_code: Option<&'static str>,
}

/// The statuses of a service, or all there are.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let Some(service) = call.opt_id("serviceId") else {
        let all: Vec<Body> = RequestStatus::ALL.iter().map(|status| body(*status, None)).collect();
        return Reply::json(&all);
    };
    let read = call.read(move |tx, scope| {
        offered(tx, scope, "serviceId", service).map_err(Fault::in_input)?;
        Ok(service_parts::statuses(tx, scope, service)?)
    });
    let mut used = read.await?;
    if used.is_empty() {
        used = RequestStatus::ALL.iter().map(|status| (*status, true)).collect();
    }
    let shown: Vec<Body> = used.into_iter().map(|(status, clock)| body(status, Some(clock))).collect();
    Reply::json(&shown)
}

fn body(status: RequestStatus, clock_on: Option<bool>) -> Body {
    Body {
        id: status.number(),
        name: status.name(),
        english_display_name: status.english(),
        french_display_name: status.french(),
        service_category_code: clock_on.map(|on| if on { "ON" } else { "OFF" }),
    }
}
