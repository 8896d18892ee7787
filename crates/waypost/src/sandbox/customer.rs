//! The sandbox's customer: verified, with an address on every channel.

use serde_json::json;
use waypost_core::time::Micros;
use waypost_messaging::records::profile::{AppProfileRecord, CustomerRecord, app_profile, customer};
use waypost_store::directory::admin;
use waypost_store::{Ctx, Sql, StoreError};

use super::apps::APPS;

/// Its id, as the ready file names it.
pub const CUSTOMER_ID: &str = "sandbox-customer";
/// Its user at the apps that have users.
pub const USER: &str = "sandbox-user";
/// Its phone.
pub const DEVICE: &str = "sandbox-phone";
/// Its number; ends in no code, so that nothing but the simulator decides.
const MSISDN: &str = "447700900100";
const EMAIL: &str = "customer@sandbox.example";

/// Makes the customer and its app profiles, as far as they are not there yet.
pub fn complete(tx: &mut dyn Sql, ctx: &Ctx, now: Micros) -> Result<(), StoreError> {
    let attributes =
        json!({"name": "Sandbox customer", "msisdn": MSISDN, "email": EMAIL, "status": "1", "verified": "1"});
    let new = CustomerRecord {
        customer_id: CUSTOMER_ID.to_owned(),
        msisdn: Some(MSISDN.to_owned()),
        email: Some(EMAIL.to_owned()),
        active: true,
        verified: true,
        attributes: attributes.to_string(),
    };
    customer::insert(tx, ctx, &new, now)?;
    for (app_id, user, device) in [
        (APPS.push, USER, Some(DEVICE)),
        (APPS.rt, USER, Some(DEVICE)),
        (APPS.fb, "1000000000000100", None),
        (APPS.twitter, "1000000000000100", None),
        (APPS.wechat, "sandbox-openid-100", None),
    ] {
        let app = admin::app(tx, ctx, app_id)?.id;
        app_profile::insert(tx, ctx, &profile(app, user, device, now), now)?;
    }
    Ok(())
}

fn profile(app: i64, user: &str, device: Option<&str>, now: Micros) -> AppProfileRecord {
    let mut attributes = json!({"status": "1", "verified": "1"});
    if let Some(device) = device {
        attributes["deviceId"] = device.into();
        attributes["connectStatus"] = "1".into();
        attributes["os"] = "android".into();
        attributes["pushId"] = "sandbox-token-100".into();
    }
    AppProfileRecord {
        app,
        ident: device.map_or_else(|| user.to_owned(), |device| format!("{user}_{device}")),
        customer_id: Some(CUSTOMER_ID.to_owned()),
        user_id: Some(user.to_owned()),
        device_id: device.map(str::to_owned),
        token: device.map(|_| "sandbox-token-100".to_owned()),
        os: device.map(|_| "android".to_owned()),
        active: true,
        verified: true,
        attributes: attributes.to_string(),
        secrets: None,
        // Gone after forty days like every device; the next start makes it anew.
        seen_at: device.map(|_| now),
    }
}
