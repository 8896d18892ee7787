//! `GET /api/v1/notification-template`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::email_template;
use crate::rules::{Fault, Refusal};
use crate::wire::email_template::TemplateBody;

/// The templates by name; with a name that one, its revision as the `ETag`. A deleted one only on demand.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (name, deleted) = (call.opt_text("templateName"), call.flag("includeDeleted", false));
    let Some(name) = name else {
        let all = call.read(move |tx, scope| Ok(email_template::list(tx, scope, deleted)?)).await?;
        return Reply::json(&all.into_iter().map(TemplateBody::of).collect::<Vec<_>>());
    };
    let found = call.read(move |tx, scope| Ok(email_template::find(tx, scope, &name)?)).await?;
    let found = found.filter(|own| deleted || !own.is_deleted).ok_or_else(|| {
        let refusal = Refusal::from(MtapiCode::NotificationTemplateNotFound).in_input();
        refusal.at("templateName", "the name of a template")
    })?;
    let revision = found.revision;
    Ok(Reply::json(&TemplateBody::of(found))?.revision(revision))
}
