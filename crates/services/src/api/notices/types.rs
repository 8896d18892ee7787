//! `GET /api/v1/notices/types`.

use serde::Serialize;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;
use crate::rules::notice::NoticeKind;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    id: i64,
    name: &'static str,
    english_name: &'static str,
    french_name: &'static str,
}

/// The types, by number.
pub(super) async fn handle(_call: Call) -> Result<Reply, Fault> {
    let shown = NoticeKind::ALL.iter().map(|kind| Body {
        id: kind.number(),
        name: kind.word(),
        english_name: kind.names().0,
        french_name: kind.names().1,
    });
    Reply::json(&shown.collect::<Vec<_>>())
}
