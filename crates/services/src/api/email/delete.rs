//! `DELETE /api/v1/notification-template/{templateName}`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::records::email_template;
use crate::rules::{Fault, Refusal};

/// Removes the template; its name may be registered again.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let name = call.text("templateName")?;
    call.write(move |tx, scope| {
        if email_template::delete(tx, scope, &name)? {
            return Ok(());
        }
        let refusal = Refusal::from(MtapiCode::NotificationTemplateNotFound);
        Err(refusal.at("templateName", "the name of a template").into())
    })
    .await?;
    Ok(Reply::empty())
}
