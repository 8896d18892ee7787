//! `POST /api/v1/virus-scan`.

use serde::Serialize;
use waypost_status::MtapiCode;

use super::receive::receive;
use super::verdict::judge;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::files::Verdict;
use crate::rules::{Fault, Refusal};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    is_clean: bool,
    hash: String,
    threat: Option<String>,
}

/// The verdict on the body and its SHA-256; nothing of it is kept but the verdict.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let room = call.app().files()?;
    let content = receive(&mut call, &room).await?;
    if content.size() == 0 {
        return Err(Refusal::from(MtapiCode::VirusScanFileRequired).at("body", "a file, mandatory").into());
    }
    let (verdict, _) = judge(&call, &room, &content).await?;
    let threat = match verdict {
        Verdict::Clean => None,
        Verdict::Infected(threat) => Some(threat),
    };
    Reply::json(&Body { is_clean: threat.is_none(), hash: content.hash().to_owned(), threat })
}
