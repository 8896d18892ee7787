//! The push a user gets who is away (`channels.appmessaging.notification`, spec 3.8).

use std::sync::Arc;

use serde_json::{Map, Value, json};
use waypost_channels::connector::{Address, Connector, Outgoing};

use crate::records::profile::AppProfileRecord;
use crate::work::addresses::platform;

/// A push instead of a connection: to the device's own token, of the `notification` block of its message. `None` when the
/// message has no such block, or the device no token.
pub(super) fn push(outgoing: &Outgoing, device: &AppProfileRecord) -> Option<Outgoing> {
    let notification = outgoing.block.get("notification")?;
    let kind = platform(device.os.as_deref()?)?;
    let value = device.token.clone()?;
    Some(Outgoing {
        block: Arc::new(block(notification, &outgoing.block)),
        address: Address { kind, value, device: device.device_id.clone() },
        ..outgoing.clone()
    })
}

/// The `channels.push` block of a notification. Without a text it has the message's.
fn block(notification: &Value, message: &Value) -> Value {
    let inner = message.get("message").and_then(|message| message.get("text"));
    let text = notification.get("text").or(inner).or_else(|| message.get("text"));
    let part = |extras: &str| {
        let mut part = Map::new();
        part.insert("text".to_owned(), text.cloned().unwrap_or_else(|| json!("")));
        if let Some(title) = notification.get("title") {
            part.insert("title".to_owned(), title.clone());
        }
        if let Some(extras) = notification.get(extras) {
            part.insert("extras".to_owned(), extras.clone());
            if let Some(url) = extras.get("url") {
                part.insert("url".to_owned(), url.clone());
            }
        }
        Value::Object(part)
    };
    let mut block =
        json!({"android": part("android_extras"), "ios": part("ios_extras"), "web": part("web_extras")});
    if let (Value::Object(members), Some(interactive)) = (&mut block, notification.get("interactive")) {
        members.insert("interactive".to_owned(), interactive.clone());
    }
    block
}

/// Sends it. Whether it arrives changes nothing: the message waits for its device all the same.
pub(super) fn send(connector: &Arc<dyn Connector>, push: Outgoing) {
    let answer = connector.hand_over(push);
    tokio::spawn(async move {
        let taken = matches!(answer.await, waypost_channels::connector::Handed::Taken { .. });
        let result = if taken { "taken" } else { "refused" };
        metrics::counter!("waypost_rt_offline_push_total", "result" => result).increment(1);
    });
}

#[cfg(test)]
mod tests {
    use waypost_channels::connector::{AddressKind, AppAccount};

    use super::*;

    fn outgoing(block: Value) -> Outgoing {
        Outgoing {
            account: Arc::new(AppAccount {
                id: 1,
                app_id: "MU1".to_owned(),
                revision: 0,
                config: json!({}),
                secrets: json!({}),
                sandbox: false,
            }),
            block: Arc::new(block),
            address: Address {
                kind: AddressKind::UserId,
                value: "ann".to_owned(),
                device: Some("d1".to_owned()),
            },
            tid: "t-1".to_owned(),
            expires_at: None,
            deadline_ms: 1_000,
        }
    }

    #[test]
    fn a_push_is_made_of_the_notification_and_goes_to_the_devices_own_token() {
        let device = AppProfileRecord {
            device_id: Some("d1".to_owned()),
            token: Some("tok".to_owned()),
            os: Some("android".to_owned()),
            ..AppProfileRecord::default()
        };
        let notification = json!({
            "title": "News", "android_extras": {"collapse_key": "c"}, "web_extras": {"url": "https://a.example"}
        });
        let message = json!({"message": {"text": "Hi"}, "notification": notification});
        let made = push(&outgoing(message), &device).unwrap();
        assert_eq!((made.address.kind, made.address.value.as_str()), (AddressKind::AndroidPush, "tok"));
        let expected = json!({
            "android": {"title": "News", "text": "Hi", "extras": {"collapse_key": "c"}},
            "ios": {"title": "News", "text": "Hi"},
            "web": {"title": "News", "text": "Hi", "extras": {"url": "https://a.example"}, "url": "https://a.example"}
        });
        assert_eq!(*made.block, expected);
        assert!(push(&outgoing(json!({"text": "Hi"})), &device).is_none(), "no notification");
        let silent = AppProfileRecord { token: None, ..device };
        assert!(
            push(&outgoing(json!({"text": "Hi", "notification": notification})), &silent).is_none(),
            "no token"
        );
    }
}
