//! What the writes share: from the body to the records, from the records to the answer.

use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use waypost_core::time::Micros;

use super::seams::{AppStore, Batch, BatchRecord, ProfileCaller, ProfileJob, ProfileWrite, ProfileWritten};
use super::{SYNCHRONOUS_MAX, answer, gate};
use crate::api::answer::respond;
use crate::api::seams::AcceptError;
use crate::api::state::Shared;
use crate::api::{body, idempotency};
use crate::records::idempotency::Once;
use crate::rules::profile::{ProfileRefusal, StoreKind, Verb, check_record};
use crate::wire::{JsonFault, ProfileRecords, RECORDS_MAX, parse_profile};

/// What the metrics show for an answer whose records speak for themselves.
const DONE: &str = "done";

/// Writes the records of a body.
pub(super) async fn records(
    app: &Shared,
    request: Request<Body>,
    app_id: Option<&str>,
    verb: Verb,
) -> Response {
    let now = app.seams.clock.now();
    let (parts, mut body) = request.into_parts();
    match take(app, &parts, &mut body, (app_id, verb), now).await {
        Ok(response) => response,
        Err(refusal) => {
            if !matches!(refusal, ProfileRefusal::Json(JsonFault::TooSlow | JsonFault::Cut)) {
                body::discard(&parts.headers, &mut body).await;
            }
            answer::refused(&refusal, app.mint_refused(now))
        }
    }
}

async fn take(
    app: &Shared,
    parts: &Parts,
    body: &mut Body,
    (app_id, verb): (Option<&str>, Verb),
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let caller = gate::pass(app, parts, now).await?;
    let store = gate::store(app, &caller, app_id)?;
    let body = body::read(&parts.headers, body, &app.settings).await?;
    let once = once(parts, &body)?;
    if let Some(answer) = known(app, &caller, once, now).await? {
        return Ok(answer);
    }
    let records = match parse_profile(&body)? {
        ProfileRecords::List(list) if list.is_empty() => return Err(ProfileRefusal::CustomerIdMissing),
        ProfileRecords::List(list) if list.len() > RECORDS_MAX => return Err(ProfileRefusal::BatchTooLarge),
        ProfileRecords::List(list) => list,
        ProfileRecords::Wrong => {
            return Err(ProfileRefusal::Query { name: "Records", rule: "an array of objects" });
        }
    };
    let schema = caller.schema(store.as_ref().map_or(StoreKind::Master, |store| store.kind));
    let checked = |record| {
        let (customer_id, checked) = check_record(record, schema, verb);
        BatchRecord { customer_id, checked }
    };
    let records = records.iter().map(checked).collect();
    keep_batch(app, caller, (store, verb), records, once, now).await
}

/// Keeps records: at once when they are few.
pub(super) async fn keep_batch(
    app: &Shared,
    caller: Arc<ProfileCaller>,
    (store, verb): (Option<AppStore>, Verb),
    records: Vec<BatchRecord>,
    once: Option<Once>,
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let batch = Batch { verb, app: store, records, old_delete_codes: caller.switches.old_delete_codes };
    keep(app, caller, Work::Batch(batch), once, now).await
}

/// What is to be kept.
pub(super) enum Work {
    Batch(Batch),
    Devices(super::seams::DeviceDelete),
}

/// Keeps what is written and answers when it is durable.
pub(super) async fn keep(
    app: &Shared,
    caller: Arc<ProfileCaller>,
    work: Work,
    once: Option<Once>,
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let (id, transid) = app.mint(now, 1).ok_or(ProfileRefusal::Internal)?;
    let job = match work {
        Work::Batch(batch) if batch.records.len() > SYNCHRONOUS_MAX => {
            let answer = answer::queued(transid, batch.records.len());
            ProfileJob::Queue(batch, answer)
        }
        Work::Batch(batch) => ProfileJob::Batch(batch, answer::written),
        Work::Devices(delete) => ProfileJob::Devices(delete, answer::written),
    };
    let write = ProfileWrite { caller, job, transid, id, once, received_at: now };
    answered(app.seams.profiles.write(write).await.map_err(refusal)?)
}

fn answered(written: ProfileWritten) -> Result<Response, ProfileRefusal> {
    match written {
        ProfileWritten::Done(body) => Ok(respond(StatusCode::OK, DONE, body)),
        ProfileWritten::Repeated(body) => Ok(idempotency::repeated(body)),
        ProfileWritten::OtherRequest => Err(ProfileRefusal::IdempotencyKeyReused),
    }
}

/// The idempotency key of a request.
///
/// # Errors
/// 7011.
pub(super) fn once(parts: &Parts, body: &[u8]) -> Result<Option<Once>, ProfileRefusal> {
    idempotency::once(parts, "profile", body).map_err(|_| ProfileRefusal::IdempotencyKeyInvalid)
}

/// The answer that was given under the key before.
///
/// # Errors
/// 7040, 7006.
pub(super) async fn known(
    app: &Shared,
    caller: &ProfileCaller,
    once: Option<Once>,
    now: Micros,
) -> Result<Option<Response>, ProfileRefusal> {
    let Some(once) = once else { return Ok(None) };
    let known = app.seams.profiles.known(caller, once, now).await.map_err(refusal)?;
    known.map(answered).transpose()
}

/// The refusal of what could not be kept or read.
pub(super) const fn refusal(error: AcceptError) -> ProfileRefusal {
    match error {
        AcceptError::Busy => ProfileRefusal::Busy,
        AcceptError::Unavailable => ProfileRefusal::Internal,
    }
}

/// Deletes the profiles of customers by their ids, which are checked.
pub(super) async fn delete(
    app: &Shared,
    parts: &Parts,
    caller: Arc<ProfileCaller>,
    store: Option<AppStore>,
    ids: Vec<String>,
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let once = once(parts, b"")?;
    if let Some(answer) = known(app, &caller, once, now).await? {
        return Ok(answer);
    }
    let record = |customer_id| BatchRecord { customer_id, checked: Ok(Default::default()) };
    let records = ids.into_iter().map(record).collect();
    keep_batch(app, caller, (store, Verb::Delete), records, once, now).await
}

/// Deletes profiles by user and device.
pub(super) async fn devices(
    app: &Shared,
    parts: &Parts,
    caller: Arc<ProfileCaller>,
    delete: super::seams::DeviceDelete,
    now: Micros,
) -> Result<Response, ProfileRefusal> {
    let once = once(parts, b"")?;
    if let Some(answer) = known(app, &caller, once, now).await? {
        return Ok(answer);
    }
    keep(app, caller, Work::Devices(delete), once, now).await
}
