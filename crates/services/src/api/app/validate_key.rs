//! `POST /api/v1/validate-apikey`.

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::auth;
use crate::api::call::Call;
use crate::records::service;
use crate::rules::{Fault, Refusal};

/// `true` for a current key with the token made for it, when its application is bound to the service.
pub(super) async fn handle(mut call: Call) -> Result<Reply, Fault> {
    let fields = call.fields(MtapiCode::ApiKeyValidationContextIsNull).await?;
    let blank = |text: &String| text.trim().is_empty();
    let key = fields.opt_text("ApiKey")?.filter(|text| !blank(text)).ok_or_else(|| {
        Refusal::from(MtapiCode::ApiKeyIsNull).at("ApiKey", "a key, mandatory").with_http(400)
    })?;
    let id = fields.opt_id("ServiceId")?.or(fields.opt_id("SystemId")?).ok_or_else(|| {
        Refusal::from(MtapiCode::ServiceIdNotProvided).at("ServiceId", "the id of a service, mandatory")
    })?;
    let token = fields.opt_text("JwtToken")?.unwrap_or_default();
    let failed = || {
        Refusal::from(MtapiCode::ApiKeyValidationKeyFailed)
            .at("ApiKey", "a current key with the token made for it, of an application bound to the service")
            .with_http(400)
    };
    let now = call.now();
    let (login, _) = auth::login(call.app(), &key, &token, now).await?.ok_or_else(failed)?;
    let tenant = call.scope.ctx.tenant;
    let bound = login.application.all_services || login.services.contains(&id);
    if login.tenant != tenant || !login.is_live || !bound {
        return Err(failed().into());
    }
    call.read(move |tx, scope| Ok(service::find(tx, scope, id)?)).await?.ok_or_else(failed)?;
    Reply::json(&true)
}
