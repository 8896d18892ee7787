//! One device a user, where the app says so: the newest one. What waits for the one before goes over to it.

use serde_json::{Value, json};
use waypost_channels::connector::AppAccount;
use waypost_core::time::Micros;
use waypost_store::{Ctx, Sql, StoreError};

use super::ids::ClientId;
use super::records::{self, Owner};
use crate::records::profile::app_profile::{self, By};

/// Whether an app lets a user have one device only: `single_device` of its settings.
#[must_use]
pub fn is_single(account: &AppAccount) -> bool {
    account.config.get("single_device") == Some(&Value::Bool(true))
}

/// Removes the other devices of a device's user, whose messages that still wait are the device's now. The profiles that are
/// gone: their connections are to be ended.
pub(super) fn keep_only(
    tx: &mut dyn Sql,
    ctx: &Ctx,
    owner: &Owner<'_>,
    client: &ClientId,
    now: Micros,
) -> Result<Vec<i64>, StoreError> {
    let mut gone = Vec::new();
    for other in app_profile::find(tx, ctx, owner.app, By::User(owner.user))? {
        if other.id == owner.profile || other.record.device_id.is_none() {
            continue;
        }
        for (id, payload) in records::open(tx, other.id, now)? {
            let payload = readdressed(&payload, client);
            records::hand_on(tx, ctx, owner, id, &payload)?;
        }
        app_profile::delete(tx, ctx, &other)?;
        gone.push(other.id);
    }
    Ok(gone)
}

/// A message as the other device gets it.
fn readdressed(payload: &str, client: &ClientId) -> String {
    let Ok(Value::Object(mut members)) = serde_json::from_str(payload) else { return payload.to_owned() };
    members.insert("deviceId".to_owned(), json!(client.device_id));
    members.insert("clientId".to_owned(), json!(client.to_string()));
    Value::Object(members).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_goes_over_names_the_device_it_goes_to() {
        let client = ClientId::parse("MU1/ann/d2").unwrap();
        let before = r#"{"appId":"MU1","clientId":"MU1/ann/d1","deviceId":"d1","message":"Hi"}"#;
        let expected = r#"{"appId":"MU1","clientId":"MU1/ann/d2","deviceId":"d2","message":"Hi"}"#;
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&readdressed(before, &client)), read(expected));
        assert_eq!(readdressed("no JSON", &client), "no JSON");
    }
}
