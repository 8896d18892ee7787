//! The sandbox's app assets: one for each channel that has them, all leading to simulators.

use serde::Serialize;
use serde_json::json;
use waypost_core::channel::Channel;
use waypost_core::time::Micros;
use waypost_store::directory::{App, AppKind, Status, admin, login};
use waypost_store::seal::MasterKey;
use waypost_store::{Ctx, Sql, StoreError};

/// The app ids, as the ready file names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AppIds {
    /// Mobile and web push.
    pub push: &'static str,
    /// In-app messages.
    pub rt: &'static str,
    /// Messenger.
    pub fb: &'static str,
    /// X.
    pub twitter: &'static str,
    /// WeChat.
    pub wechat: &'static str,
}

/// The sandbox's app ids.
pub const APPS: AppIds = AppIds {
    push: "SA10000001",
    rt: "MU10000001",
    fb: "FB10000001",
    twitter: "TW10000001",
    wechat: "WC10000001",
};

/// Each app, what it is and the channel it is the services' default on.
const EACH: [(&str, AppKind, Channel); 5] = [
    (APPS.push, AppKind::Mobile, Channel::Push),
    (APPS.rt, AppKind::Mobile, Channel::Rt),
    (APPS.fb, AppKind::Fb, Channel::Fb),
    (APPS.twitter, AppKind::Twitter, Channel::Twitter),
    (APPS.wechat, AppKind::Wechat, Channel::Wechat),
];

/// Makes the apps that are not there yet, and each the default of the services on its channel.
pub fn complete(tx: &mut dyn Sql, ctx: &Ctx, now: Micros, services: &[&str]) -> Result<(), StoreError> {
    let known: Vec<String> = admin::list_apps(tx, ctx)?.into_iter().map(|app| app.app_id).collect();
    for (app_id, kind, channel) in EACH {
        if known.iter().any(|known| known == app_id) {
            continue;
        }
        admin::create_app(tx, ctx, now, &app(app_id, kind, channel))?;
        for slug in services {
            let service = admin::service_by_slug(tx, ctx, ctx.tenant.0, slug)?;
            admin::set_default_app(tx, ctx, now, service.id, channel, app_id)?;
        }
    }
    Ok(())
}

/// Gives the in-app messaging app a client key: from now on its messages go to the broker. Returns the key.
pub fn let_clients_in(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    now: Micros,
    master: &MasterKey,
) -> Result<String, StoreError> {
    let key = login::generate()?;
    let secrets = json!({ "client_key": key }).to_string();
    admin::set_app_secrets(tx, ctx, now, APPS.rt, Some(&secrets), master)?;
    Ok(key)
}

fn app(app_id: &str, kind: AppKind, channel: Channel) -> App {
    App {
        id: 0,
        tenant: 0,
        app_id: app_id.to_owned(),
        kind,
        name: format!("Sandbox {}", channel.wire_name()),
        status: Status::Live,
        push: channel == Channel::Push,
        rt: channel == Channel::Rt,
        config: json!({}).to_string(),
        secrets: None,
        has_secrets: false,
        created_at: Micros(0),
    }
}
