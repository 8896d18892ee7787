//! `POST /resources/v1/content/import`.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;

use super::door::{self, Fault};
use super::query::{self, Given};
use crate::api::ContentState;
use crate::import::{self, ImportFault, Read};
use crate::kind::Kind;
use crate::records::intake::{self, TOGETHER_MAX, Tally};
use crate::rules::{Place, Refusal};

/// How a body is written.
#[derive(Clone, Copy)]
enum Format {
    Json,
    Lines,
    Csv(Kind),
}

/// Takes the messages of a file: JSON, JSON Lines or CSV, as its content type says. Each is taken or refused by itself.
pub(super) async fn handle(State(state): State<ContentState>, request: Request<Body>) -> Response {
    door::answer(state, request, async |call| {
        let mut given = Given::of(&call.parts.uri)?;
        let kind = given.take("kind");
        given.end()?;
        let format = format(&call.parts.headers, kind.as_deref())?;
        let body = call.body().await?;
        let messages = messages(format, &body).map_err(|fault| {
            Fault::from(Refusal::Invalid(Place::message("body"), fault.to_string().into()))
        })?;
        let (mut tally, mut rest) = (Tally::default(), messages.into_iter());
        loop {
            let group: Vec<_> = rest.by_ref().take(TOGETHER_MAX).collect();
            if group.is_empty() {
                return Ok((StatusCode::OK, tally.to_json()));
            }
            let (good, tenant) = (tally.sort(group), call.tenant);
            tally.add(call.write(move |tx, env| intake::apply(tx, env, tenant, &good)).await?);
        }
    })
    .await
}

fn format(headers: &HeaderMap, kind: Option<&str>) -> Result<Format, Refusal> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match (media.as_str(), kind) {
        ("text/csv", Some(word)) => Kind::from_word(word).map(Format::Csv).ok_or_else(|| {
            query::invalid("kind", "hotel, tax, cancellation-policy, roomtype, rateplan or products")
        }),
        ("text/csv", None) => Err(Refusal::Missing(Place::message("kind"))),
        (_, Some(_)) => Err(query::invalid("kind", "left out: only CSV does not tell it by itself")),
        ("application/json", None) => Ok(Format::Json),
        ("application/x-ndjson" | "application/jsonl" | "application/x-jsonlines", None) => Ok(Format::Lines),
        _ => Err(query::invalid("Content-Type", "application/json, application/x-ndjson or text/csv")),
    }
}

fn messages(format: Format, body: &[u8]) -> Result<Vec<(usize, Read)>, ImportFault> {
    match format {
        Format::Json => import::json(body),
        Format::Lines => import::json_lines(body).collect(),
        Format::Csv(kind) => import::csv(kind, body),
    }
}
