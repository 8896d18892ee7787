//! `POST /api/v1/feedback`.

use serde::Serialize;
use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::feedback;
use crate::rules::{Fault, Refusal};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    id: i64,
    service_id: i64,
    rating: i64,
    comment: Option<String>,
}

/// Keeps a rating from 1 to 5 with a comment.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ArgumentError).await?;
    let rated = fields.opt_int("Rating").ok().flatten().filter(|rating| (1..=5).contains(rating));
    let wrong = || Refusal::from(MtapiCode::InvalidRating).at("Rating", "a number from 1 to 5, mandatory");
    let (rating, service) = (rated.ok_or_else(wrong)?, fields.id("ServiceId")?);
    let comment = fields.opt_text("Comment")?.filter(|text| !text.trim().is_empty());
    let kept = comment.clone();
    let id = call
        .write(move |tx, scope| {
            lookup::service(tx, scope, (Place::Query, "ServiceId"), service)?;
            Ok(feedback::add(tx, scope, service, (rating, kept.as_deref()))?)
        })
        .await?;
    Reply::json(&Body { id, service_id: service, rating, comment })
}
