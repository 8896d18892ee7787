//! Notices as they are sent and shown (spec 4.2, 5.2).

use serde::Serialize;

use super::Fields;
use crate::records::notice::Notice;
use crate::rules::Refusal;
use crate::rules::notice::{Content, NoticeKind};
use crate::rules::time::Local;

/// The notice.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NoticeBody {
    id: i64,
    notice_type: &'static str,
    services: Vec<i64>,
    english_header_text: Option<String>,
    french_header_text: Option<String>,
    english_body_text: Option<String>,
    french_body_text: Option<String>,
    display_date: String,
    start_date: String,
    end_date: String,
}

impl NoticeBody {
    /// Of a record, its dates on the wall clock of `zone`.
    #[must_use]
    pub fn of(notice: Notice, zone: &Local) -> Self {
        let content = notice.content;
        Self {
            id: notice.id,
            notice_type: content.kind.word(),
            services: content.services,
            english_header_text: content.header_en,
            french_header_text: content.header_fr,
            english_body_text: content.body_en,
            french_body_text: content.body_fr,
            display_date: zone.show(content.display_at),
            start_date: zone.show(content.start_at),
            end_date: zone.show(content.end_at),
        }
    }
}

/// The notice of a body. Without a `NoticeType` it is the form of 2020: an outage, with texts an information. Without a
/// `DisplayDate` it is shown from its start on.
///
/// # Errors
/// 901002 that names the member.
pub fn read(fields: &Fields, zone: &Local) -> Result<Content, Refusal> {
    let text = |name: &str| {
        let text = fields.opt_text(name)?;
        Ok::<_, Refusal>(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let date = |name: &str| {
        let given = text(name)?;
        let wrong = || fields.wrong(name, "a date and time such as 2021-08-18T18:34:41");
        given.map(|given| zone.read(&given).ok_or_else(wrong)).transpose()
    };
    let (header_en, header_fr) = (text("EnglishHeaderText")?, text("FrenchHeaderText")?);
    let (body_en, body_fr) = (text("EnglishBodyText")?, text("FrenchBodyText")?);
    let says = [&header_en, &header_fr, &body_en, &body_fr].iter().any(|text| text.is_some());
    let kind = match text("NoticeType")? {
        Some(word) => NoticeKind::parse(&word).ok_or_else(|| {
            let words: Vec<_> = NoticeKind::ALL.iter().map(|kind| kind.word()).collect();
            fields.wrong("NoticeType", format!("one of {}", words.join(", ")))
        })?,
        None if says => NoticeKind::Information,
        None => NoticeKind::PlannedOutage,
    };
    let mandatory = |name: &str| fields.wrong(name, "a date and time, mandatory");
    let start_at = date("StartDate")?.ok_or_else(|| mandatory("StartDate"))?;
    let mut services = fields.ids("Services")?;
    services.sort_unstable();
    services.dedup();
    Ok(Content {
        kind,
        services,
        header_en,
        header_fr,
        body_en,
        body_fr,
        display_at: date("DisplayDate")?.unwrap_or(start_at),
        start_at,
        end_at: date("EndDate")?.ok_or_else(|| mandatory("EndDate"))?,
    })
}
