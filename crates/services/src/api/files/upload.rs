//! `POST /api/v1/file-attachments`.

use serde::Serialize;
use waypost_status::MtapiCode;

use super::receive::{broken, receive, too_large};
use super::verdict::judge;
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::requests::common::named;
use crate::api::state::FileRoom;
use crate::files::{Kept, Verdict};
use crate::records::file::{self, FileRow, FileState};
use crate::rules::{Fault, Refusal, sniff};

/// A file as it is shown; `Data` only where the file itself is asked for.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Body<'a> {
    id: i64,
    service_request_id: i64,
    name: &'a str,
    size: i64,
    content_type: &'a str,
    data: Option<&'a str>,
}

impl<'a> Body<'a> {
    pub fn of(file: &'a FileRow) -> Self {
        Self {
            id: file.id,
            service_request_id: file.request,
            name: &file.name,
            size: file.size,
            content_type: &file.content_type,
            data: None,
        }
    }
}

/// Takes a file into quarantine, has it scanned, and publishes it when it is clean.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let room = call.app().files()?;
    let (request, name) = (call.id("serviceRequestId")?, call.text("filename")?);
    let said = Said::of(&call, &room, &name)?;
    call.read(move |tx, scope| named(tx, scope, "serviceRequestId", request)).await?;
    let content = receive(&mut call, &room).await?;
    if content.size() == 0 {
        return Err(Refusal::argument("body", "the content of the file, mandatory").into());
    }
    if content.size() != said.size {
        let rule = format!("the length of the body, which is {} bytes", content.size());
        return Err(Refusal::argument("size", rule).into());
    }
    let mut file = FileRow {
        id: 0,
        request,
        name,
        content_type: said.content_type(content.start()),
        size: i64::try_from(content.size()).unwrap_or(i64::MAX),
        hash: content.hash().to_owned(),
        blob: content.name().to_owned(),
        state: FileState::Pending,
    };
    file.id = create(&call, &file).await?;
    let judged = judge(&call, &room, &content).await;
    let outcome = match judged {
        Ok((Verdict::Clean, _)) => room.blobs.publish(content).await.map_err(|error| broken(&error)),
        Ok((Verdict::Infected(threat), _)) => Err(infected(&threat).into()),
        Err(fault) => Err(fault),
    };
    let state = match &outcome {
        Ok(_) => FileState::Clean,
        Err(Fault::Refused(refusal)) if refusal.first() == MtapiCode::VirusDetected => FileState::Infected,
        Err(_) => FileState::Error,
    };
    let settled = settle(&call, &file, state).await;
    let kept = outcome?;
    if let Err(fault) = settled {
        return Err(take_back(&room, &kept, fault).await);
    }
    Reply::json(&Body::of(&file))
}

/// What the caller says of the file.
struct Said {
    size: u64,
    content_type: String,
}

impl Said {
    fn of(call: &Call, room: &FileRoom, name: &str) -> Result<Self, Refusal> {
        let names = room.settings.names;
        if !names.takes(name) {
            return Err(Refusal::from(MtapiCode::InvalidFileName).at("filename", names.words()));
        }
        let size = call.opt_int("size").and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
        let size =
            size.ok_or_else(|| Refusal::argument("size", "the length of the file in bytes, above 0"))?;
        if size > room.settings.bytes_max {
            return Err(too_large("size", room.settings.bytes_max));
        }
        let content_type = call.text("contentType")?;
        let plain =
            content_type.len() <= 255 && content_type.bytes().all(|byte| (b' '..0x7f).contains(&byte));
        if !plain || !content_type.contains('/') {
            return Err(Refusal::argument("contentType", "a media type, such as application/pdf"));
        }
        Ok(Self { size, content_type })
    }

    /// What the first bytes say wins over what the caller says, where they say something certain.
    fn content_type(self, start: &[u8]) -> String {
        match sniff::content_type(start) {
            "application/octet-stream"
            | "text/plain; charset=utf-8"
            | "application/zip"
            | "application/x-ole-storage" => self.content_type,
            certain => certain.to_owned(),
        }
    }
}

fn infected(threat: &str) -> Refusal {
    Refusal::from(MtapiCode::VirusDetected)
        .at("body", format!("a file without viruses; this one has {threat}"))
}

async fn create(call: &Call, file: &FileRow) -> Result<i64, Fault> {
    let file = file.clone();
    call.write(move |tx, scope| {
        // It may have been deleted while the file arrived.
        named(tx, scope, "serviceRequestId", file.request)?;
        Ok(file::create(tx, scope, &file)?)
    })
    .await
}

async fn settle(call: &Call, file: &FileRow, state: FileState) -> Result<(), Fault> {
    let file = file.clone();
    call.write(move |tx, scope| Ok(file::set_state(tx, scope, &file, state)?)).await
}

/// A content without its row must not stay.
async fn take_back(room: &FileRoom, kept: &Kept, fault: Fault) -> Fault {
    if let Err(error) = room.blobs.remove(kept).await {
        return broken(&error);
    }
    fault
}
