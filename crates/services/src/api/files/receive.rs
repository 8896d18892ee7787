//! A body on its way into quarantine.

use std::sync::PoisonError;
use std::time::Duration;

use axum::http::header::CONTENT_LENGTH;
use http_body_util::BodyExt as _;
use waypost_status::MtapiCode;

use crate::api::call::Call;
use crate::api::state::FileRoom;
use crate::files::Quarantined;
use crate::rules::{Fault, Refusal};

/// Writes the body to the quarantine. What is cut, slow or too long is removed again.
///
/// # Errors
/// 607003 with HTTP 413; 901002 with HTTP 408 or 400; 901000 when the disk fails.
pub(super) async fn receive(call: &mut Call, room: &FileRoom) -> Result<Quarantined, Fault> {
    let (bytes_max, idle) = (room.settings.bytes_max, Duration::from_millis(room.settings.idle_ms_max));
    let announced = call.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > bytes_max) {
        return Err(too_large("body", bytes_max).into());
    }
    let mut random = [0; 16];
    if !call.app().seams.random.fill(&mut random) {
        return Err(MtapiCode::InternalError.into());
    }
    let mut incoming = room.blobs.begin(random).await.map_err(|error| broken(&error))?;
    let body = call.body.get_mut().unwrap_or_else(PoisonError::into_inner);
    loop {
        let frame = match tokio::time::timeout(idle, body.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) => return Err(Refusal::argument("body", "sent to its end").into()),
            Err(_) => return Err(Refusal::argument("body", "sent in time").with_http(408).into()),
        };
        let Some(piece) = frame.data_ref() else { continue };
        if incoming.size() + piece.len() as u64 > bytes_max {
            return Err(too_large("body", bytes_max).into());
        }
        incoming.write(piece).await.map_err(|error| broken(&error))?;
    }
    incoming.end().await.map_err(|error| broken(&error))
}

/// The file is longer than the server takes.
pub(super) fn too_large(field: &'static str, bytes_max: u64) -> Refusal {
    Refusal::from(MtapiCode::FileTooLarge).at(field, format!("at most {bytes_max} bytes")).with_http(413)
}

/// The disk failed, or the S3 store, which may be there again soon; the caller learns no path.
pub(super) fn broken(error: &std::io::Error) -> Fault {
    tracing::error!(%error, "the blobs could not do what an operation asked");
    let refusal = Refusal::from(MtapiCode::InternalError);
    match error.kind() {
        std::io::ErrorKind::NotConnected => refusal.with_http(503).into(),
        _ => refusal.into(),
    }
}
