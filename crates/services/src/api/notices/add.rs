//! `POST /api/v1/outage-notices`, `POST /api/v1/notices`.

use waypost_status::MtapiCode;
use waypost_store::Sql;

use super::get::{found, show};
use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::records::{Scope, notice};
use crate::rules::Fault;
use crate::rules::notice::{Content, check};
use crate::wire::notice::read;

/// Stores the notice and shows it.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let zone = call.app().settings.zone.clone();
    let content = read(&call.fields(MtapiCode::NoticeIsNull).await?, &zone)?;
    check(&content)?;
    let stored = call.write(move |tx, scope| {
        offered(tx, scope, &content)?;
        let id = notice::create(tx, scope, &content)?;
        found(tx, scope, "Id", id)
    });
    show(stored.await?, &zone)
}

/// Each service is there and open to the application.
///
/// # Errors
/// 4041004; 901006.
pub(super) fn offered(tx: &mut dyn Sql, scope: &Scope, content: &Content) -> Result<(), Fault> {
    for service in &content.services {
        lookup::service(tx, scope, (Place::Query, "Services"), *service)?;
    }
    Ok(())
}
