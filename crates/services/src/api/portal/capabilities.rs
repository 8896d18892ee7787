//! `GET /api/v1/portal-capabilities`.

use serde::Serialize;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::rules::Fault;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    key: &'static str,
    name: &'static str,
}

/// The parts of a portal (spec 7.1) and their names. The shape is ours: the published material has none.
const CAPABILITIES: &[(&str, &str, &str)] = &[
    ("MyServices", "My Services", "Mes services"),
    ("MyRequests", "My Requests", "Mes demandes"),
    ("AccountSettings", "Account Settings", "Paramètres du compte"),
    ("UserRegistration", "User Registration", "Inscription"),
    ("AccountRecovery", "Account Recovery", "Récupération de compte"),
    ("Notices", "Notices", "Avis"),
];

/// In English, or in French.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let english = call.flag("isEnglish", true);
    let shown = CAPABILITIES
        .iter()
        .map(|(key, name_en, name_fr)| Body { key, name: if english { name_en } else { name_fr } });
    Reply::json(&shown.collect::<Vec<_>>())
}
