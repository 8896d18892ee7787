//! From a content in quarantine to a verdict. Without a verdict nothing passes.

use waypost_status::MtapiCode;

use crate::api::call::Call;
use crate::api::state::FileRoom;
use crate::files::{Quarantined, ScanError, Verdict, Version};
use crate::records::file;
use crate::rules::{Fault, Refusal};

/// Judges a content: as it was judged before by the same scanner with the same signatures, else by scanning it. A hash that the
/// caller sends is no reason to trust a content: only what was hashed here is looked up.
///
/// # Errors
/// 621001 with HTTP 503 when there is no scanner, or no answer from it.
pub(super) async fn judge(
    call: &Call,
    room: &FileRoom,
    content: &Quarantined,
) -> Result<(Verdict, Version), Fault> {
    let clamd = room.clamd.as_ref().ok_or_else(|| away("no scanner is set up"))?;
    let version = clamd.version().await.map_err(|error| failed(&error))?;
    let (hash, by) = (content.hash().to_owned(), version.clone());
    let known = call.read(move |tx, scope| Ok(file::verdict(tx, scope, &hash, &by)?)).await?;
    if let Some(verdict) = known {
        return Ok((verdict, version));
    }
    let verdict = clamd.scan(content.path()).await.map_err(|error| failed(&error))?;
    let (hash, by, kept) = (content.hash().to_owned(), version.clone(), verdict.clone());
    call.write(move |tx, scope| Ok(file::keep_verdict(tx, scope, &hash, &kept, &by)?)).await?;
    Ok((verdict, version))
}

fn failed(error: &ScanError) -> Fault {
    tracing::error!(%error, "a content could not be scanned");
    away("a virus scanner that answers").into()
}

/// There is no verdict.
pub(super) fn away(rule: &'static str) -> Refusal {
    Refusal::from(MtapiCode::VirusScanFailed).at("body", rule).with_http(503)
}
