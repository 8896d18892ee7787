//! What the operations on artifacts share.

use axum::http::HeaderValue;
use bytes::Bytes;
use serde::Serialize;
use waypost_status::MtapiCode;
use waypost_store::Sql;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::person;
use crate::records::Scope;
use crate::records::artifact::{self, Artifact, ArtifactState};
use crate::records::request::{self, Request};
use crate::rules::artifact::{ArtifactKind, Pair, pairs};
use crate::rules::{Fault, Refusal};

/// What is known of an artifact.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Info {
    id: i64,
    service_request_id: i64,
    artifact_type: &'static str,
    rdims_reference: Option<String>,
    document_version: String,
    is_deleted: bool,
}

impl Info {
    pub fn of(artifact: &Artifact) -> Self {
        Self {
            id: artifact.id,
            service_request_id: artifact.request,
            artifact_type: artifact.kind.word(),
            rdims_reference: None,
            document_version: artifact.version.clone(),
            is_deleted: artifact.state != ArtifactState::Active,
        }
    }
}

/// The information as an answer, its revision as the `ETag`.
///
/// # Errors
/// Never in practice: what is written are plain structures.
pub(super) fn show(artifact: &Artifact) -> Result<Reply, Fault> {
    Ok(Reply::json(&Info::of(artifact))?.revision(artifact.revision))
}

/// A content as an answer.
pub(super) fn content(artifact: &Artifact, body: Vec<u8>) -> Reply {
    let content_type = match artifact.kind {
        ArtifactKind::Image => crate::rules::sniff::content_type(&body),
        ArtifactKind::Pdf => "application/pdf",
        _ => "application/json; charset=utf-8",
    };
    Reply::raw(HeaderValue::from_static(content_type), body).revision(artifact.revision)
}

/// The kind that a parameter names.
///
/// # Errors
/// 604001 for `None`, which is no kind.
pub(super) fn kind(call: &Call) -> Result<ArtifactKind, Refusal> {
    ArtifactKind::parse(&call.text("artifactType")?).ok_or_else(|| {
        Refusal::from(MtapiCode::InvalidArtifactType)
            .at("artifactType", "one of Image, Pdf, JsonMetadata, JsonDocument, SignedJsonDocument")
    })
}

/// An artifact by its row, of a service the application is bound to.
///
/// # Errors
/// 4041009; 901006.
pub(super) fn found(tx: &mut dyn Sql, scope: &Scope, id: i64) -> Result<(Artifact, Request), Fault> {
    let artifact = artifact::find(tx, scope, id)?.ok_or_else(|| unknown("id"))?;
    let request = request::find(tx, scope, artifact.request)?.ok_or_else(|| unknown("id"))?;
    scope.require(request.service)?;
    Ok((artifact, request))
}

/// The newest active artifact of a kind.
///
/// # Errors
/// 4041009.
pub(super) fn newest(
    tx: &mut dyn Sql,
    scope: &Scope,
    request: i64,
    kind: ArtifactKind,
) -> Result<Artifact, Fault> {
    let found = artifact::newest(tx, scope, request, kind)?;
    Ok(found.ok_or_else(|| unknown("artifactType").in_input())?)
}

pub(super) fn unknown(field: &'static str) -> Refusal {
    Refusal::from(MtapiCode::ArtifactNoFound).at(field, "an artifact that is there")
}

/// A content that was checked, and what it says when it is metadata.
#[derive(Clone)]
pub(super) struct Content {
    pub body: Bytes,
    pub pairs: Option<Vec<Pair>>,
}

/// Reads the body as the content of an artifact. JSON stays as it is written.
///
/// # Errors
/// 901002 for an empty body, and for one that is no JSON where it must be.
pub(super) async fn read(call: &mut Call, kind: ArtifactKind) -> Result<Content, Refusal> {
    let body = call.bytes().await?;
    check(body, kind)
}

/// Checks a body as [`read`] does.
///
/// # Errors
/// As [`read`].
pub(super) fn check(body: Bytes, kind: ArtifactKind) -> Result<Content, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::argument("body", "the content of the artifact, mandatory"));
    }
    if !kind.is_json() {
        return Ok(Content { body, pairs: None });
    }
    let value: serde_json::Value =
        serde_json::from_slice(&body).map_err(|error| Refusal::argument("body", format!("JSON: {error}")))?;
    if kind != ArtifactKind::JsonMetadata {
        return Ok(Content { body, pairs: None });
    }
    let pairs = pairs(&value).filter(|pairs| {
        // The store holds no U+0000, neither in a key nor in a value.
        pairs
            .iter()
            .all(|pair| !pair.key.contains('\0') && !pair.value.as_deref().unwrap_or("").contains('\0'))
    });
    let wrong = || Refusal::argument("body", "a JSON object, or a list of at most 500 {Key, Value}");
    Ok(Content { body, pairs: Some(pairs.ok_or_else(wrong)?) })
}

/// Replaces the content of an artifact, and the metadata of its request when it is that.
///
/// # Errors
/// 4041003; what the store says.
pub(super) fn store_new_content(
    tx: &mut dyn Sql,
    scope: &Scope,
    (old, request): (&Artifact, &Request),
    (version, user): (&str, i64),
    content: &Content,
) -> Result<Artifact, Fault> {
    person(tx, scope, "userId", user)?;
    let changed = artifact::replace(tx, scope, old, (version, user), &content.body)?;
    if content.pairs.is_some() {
        refresh(tx, scope, request)?;
    }
    Ok(changed)
}

/// Takes the metadata of a request from its newest metadata artifact.
///
/// # Errors
/// What the store says.
pub(super) fn refresh(tx: &mut dyn Sql, scope: &Scope, request: &Request) -> Result<(), Fault> {
    let newest = artifact::newest(tx, scope, request.id, ArtifactKind::JsonMetadata)?;
    let said = match newest {
        None => None,
        Some(newest) => serde_json::from_slice(&artifact::content(tx, scope, newest.id)?)
            .ok()
            .and_then(|value| pairs(&value)),
    };
    Ok(artifact::set_metadata(tx, scope, (request.id, request.service), said.as_deref())?)
}

/// Removes an artifact, and takes the metadata of its request anew when it was that.
///
/// # Errors
/// 4041003; what the store says.
pub(super) fn remove(
    tx: &mut dyn Sql,
    scope: &Scope,
    (old, request): (&Artifact, &Request),
    user: i64,
) -> Result<(), Fault> {
    person(tx, scope, "userId", user)?;
    artifact::delete(tx, scope, old)?;
    if old.kind == ArtifactKind::JsonMetadata {
        refresh(tx, scope, request)?;
    }
    Ok(())
}
