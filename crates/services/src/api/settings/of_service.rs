//! `GET /api/v1/services/{id}/service-settings`.

use std::sync::Arc;

use waypost_status::MtapiCode;

use crate::api::answer::Reply;
use crate::api::call::Call;
use crate::api::lookup;
use crate::api::operation::Place;
use crate::api::settings_cache::Settings;
use crate::records::setting::{self, Setting};
use crate::rules::setting::{DEFAULTS, fits};
use crate::rules::{Fault, Refusal};
use crate::wire::setting::SettingBody;

/// The settings by name, from memory for five minutes; with a key that one only, its revision as the `ETag`.
pub(super) async fn handle(call: Call) -> Result<Reply, Fault> {
    let (service, key) = (call.id("id")?, call.opt_text("key"));
    let own = remembered(&call, service).await?;
    let mut shown: Vec<Setting> = own.to_vec();
    if call.flag("useDefaults", false) {
        for (key, value) in DEFAULTS {
            if !shown.iter().any(|own| own.key.eq_ignore_ascii_case(key)) {
                let (key, value) = ((*key).to_owned(), (*value).to_owned());
                shown.push(Setting { service, key, value, revision: 0 });
            }
        }
        shown.sort_by(|one, next| one.key.cmp(&next.key));
    }
    if let Some(key) = &key {
        shown.retain(|own| own.key.eq_ignore_ascii_case(key));
        if shown.is_empty() {
            let refusal = Refusal::from(MtapiCode::ServiceSettingNotFound).in_input();
            return Err(refusal.at("key", "the name of a setting of the service").into());
        }
    }
    if let Some(odd) = shown.iter().find(|own| !fits(&own.key, &own.value)) {
        tracing::error!(service, key = odd.key, "a service setting has a value it cannot have");
        let refusal = Refusal::from(MtapiCode::MtapiSettingError);
        return Err(refusal.at("key", format!("{}: true or false", odd.key)).into());
    }
    let revision = sole(key.is_some(), shown.iter().map(|own| own.revision));
    let reply = Reply::json(&shown.into_iter().map(SettingBody::of).collect::<Vec<_>>())?;
    Ok(reply.tagged(revision))
}

/// The revision of the one setting or preference that was asked for by its name, when it is stored.
pub(super) fn sole(named: bool, mut revisions: impl ExactSizeIterator<Item = i64>) -> Option<i64> {
    let one = named && revisions.len() == 1;
    revisions.next().filter(|revision| one && *revision > 0)
}

async fn remembered(call: &Call, service: i64) -> Result<Settings, Fault> {
    let (cache, tenant, now) = (&call.app().cache, call.scope.tenant(), call.now());
    call.scope.require(service)?;
    if let Some(found) = cache.get(tenant, service, now) {
        return Ok(found);
    }
    let read = call.read(move |tx, scope| {
        lookup::service(tx, scope, (Place::Path, "id"), service)?;
        Ok(setting::list(tx, scope, Some(service))?)
    });
    let found: Settings = Arc::new(read.await?);
    cache.put(tenant, service, now, Arc::clone(&found));
    Ok(found)
}
