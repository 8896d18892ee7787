//! From attributes to rows: what is looked up stands in columns of its own.

use waypost_core::time::Micros;

use crate::api::profile::AppStore;
use crate::records::profile::{AppProfileRecord, CustomerRecord};
use crate::rules::profile::{Attributes, StoreKind, canonical_email, canonical_msisdn};

fn json(attributes: &Attributes) -> String {
    // A map of texts cannot fail to be written.
    serde_json::to_string(attributes).unwrap_or_default()
}

/// The attributes of a stored row.
pub(super) fn stored(json: &str) -> Attributes {
    serde_json::from_str(json).unwrap_or_default()
}

fn get<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    attributes.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// The row of a customer.
pub(super) fn customer(customer_id: &str, attributes: &Attributes) -> CustomerRecord {
    CustomerRecord {
        customer_id: customer_id.to_owned(),
        msisdn: get(attributes, "msisdn").and_then(canonical_msisdn),
        email: get(attributes, "email").and_then(canonical_email),
        active: get(attributes, "status") != Some("0"),
        verified: get(attributes, "verified") == Some("1"),
        attributes: json(attributes),
    }
}

/// What identifies an app profile in its app; `None` when the attributes do not say.
pub(super) fn ident(kind: StoreKind, attributes: &Attributes) -> Option<String> {
    if let Some(given) = get(attributes, kind.ident()) {
        return Some(given.to_owned());
    }
    if kind != StoreKind::Push {
        return None;
    }
    // The devices of an app without real-time messaging need not say it: `<userid>_<deviceid>` (spec 7.3).
    let device = get(attributes, "deviceId")?;
    Some(get(attributes, "userId").map_or_else(|| device.to_owned(), |user| format!("{user}_{device}")))
}

/// The user of a device: named, or the first half of `<userid>_<deviceid>`.
fn user(ident: &str, attributes: &Attributes) -> Option<String> {
    if let Some(named) = get(attributes, "userId") {
        return Some(named.to_owned());
    }
    let device = get(attributes, "deviceId")?;
    let user = ident.strip_suffix(device)?.strip_suffix('_')?;
    (!user.is_empty()).then(|| user.to_owned())
}

/// The row of an app profile; its secrets are sealed already.
pub(super) fn app_profile(
    store: &AppStore,
    ident: &str,
    customer_id: &str,
    attributes: &Attributes,
    secrets: Option<Vec<u8>>,
    now: Micros,
) -> AppProfileRecord {
    let mobile = store.kind.is_mobile();
    let text = |name| get(attributes, name).filter(|_| mobile).map(str::to_owned);
    let fcm_on_ios = text("pushId").is_none() && text("ios_fcmpushid").is_some();
    AppProfileRecord {
        app: store.app,
        ident: ident.to_owned(),
        customer_id: Some(customer_id.to_owned()),
        user_id: if mobile { user(ident, attributes) } else { Some(ident.to_owned()) },
        device_id: text("deviceId"),
        token: text("pushId").or_else(|| text("ios_fcmpushid")),
        // Such a token is the gateway's of Android, whatever the device.
        os: if fcm_on_ios { Some("android".to_owned()) } else { text("os") },
        active: get(attributes, "status") == Some("1"),
        verified: get(attributes, "verified") == Some("1"),
        attributes: json(attributes),
        secrets,
        seen_at: mobile.then_some(now),
    }
}
