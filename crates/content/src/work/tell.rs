//! Alerts are posted to where the operator wants them, at every change of theirs.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderValue};
use waypost_core::time::rfc3339_utc;
use waypost_store::StoreError;

use super::runtime::Shared;
use crate::records::alert::{self, Alert};
use crate::records::model;
use crate::wire::json::{self, Json};

/// Alerts posted in one look.
const TOLD_MAX: i64 = 50;
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Posts what has not been told yet, oldest first; at the first failure the rest waits for the next look.
pub async fn alerts(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let Some(url) = &shared.settings.alert_url else { return Ok(()) };
    let untold = shared.store.read(|tx| alert::untold(tx, TOLD_MAX)).await?;
    for alert in untold {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = Bytes::from(record(shared, &alert).to_string());
        let answer =
            shared.egress.post(url, headers, body, shared.settings.timeout_ms, ANSWER_BYTES_MAX).await;
        match answer {
            Ok(answer) if answer.status.is_success() => {
                let (id, at) = (alert.id, alert.changed_at);
                shared.store.write(move |tx| alert::told(tx, id, at)).await?;
            }
            Ok(answer) => {
                tracing::warn!(status = %answer.status, "an alert was not taken; it is posted again");
                break;
            }
            Err(error) => {
                tracing::warn!(%error, "an alert could not be posted; it is posted again");
                break;
            }
        }
    }
    Ok(())
}

/// The record of spec 2.7.
fn record(shared: &Shared, alert: &Alert) -> Json {
    let directory = shared.directory.current();
    let partner = directory.partner(alert.partner).map(|partner| partner.slug.clone()).unwrap_or_default();
    json::object([
        ("alertId", Json::Text(alert.id.to_string())),
        ("createdAt", Json::Text(rfc3339_utc(waypost_core::id::MessageId(alert.id).time()))),
        ("severity", alert.severity.into()),
        ("kind", Json::from(alert.kind.as_str())),
        ("partner", Json::Text(partner)),
        ("propertyCode", Json::from(alert.property.as_str())),
        ("objectType", alert.object_kind.word().into()),
        ("objectCode", Json::from(alert.object.as_str())),
        ("messageId", Json::from(alert.message_id.as_str())),
        ("summary", Json::from(alert.summary.as_str())),
        ("differences", model::parse(&alert.differences).unwrap_or(Json::Null)),
        ("state", alert.state.into()),
        ("times", Json::Number(alert.times.to_string())),
    ])
}
