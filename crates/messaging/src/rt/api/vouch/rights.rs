//! What a device may do at a broker: read its own topics.

use serde_json::{Value, json};

use crate::rt::external::name;
use crate::rt::ids::ClientId;

/// The rights as the broker keeps them with the connection, the first that matches counting.
pub(super) fn of(client: &ClientId) -> Value {
    json!([
        // Literally: a user's id may have what means something in a pattern of the broker's.
        {"permission": "allow", "action": "subscribe", "topic": format!("eq {}", name(client))},
        // The broker takes `#` for one level, and subscribed it would read what is a user's whose id is "Updates".
        {"permission": "deny", "action": "subscribe", "topic": format!("eq {}/Updates/#", client.app_id)},
        {"permission": "allow", "action": "subscribe", "topic": format!("{}/Updates/+", client.app_id)},
        {"permission": "deny", "action": "all", "topic": "#"}
    ])
}

/// Whether a device may subscribe to a topic under a user name.
pub(super) fn may_read(client: &ClientId, username: &str, topic: &str) -> bool {
    username == name(client) && waypost_realtime::may_read(&client.app_id, username, topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_reads_its_own_topics_and_does_nothing_else() {
        let client = ClientId::parse("MU1/ann/d1").unwrap();
        let expected = json!([
            {"permission": "allow", "action": "subscribe", "topic": "eq MU1/ann"},
            {"permission": "deny", "action": "subscribe", "topic": "eq MU1/Updates/#"},
            {"permission": "allow", "action": "subscribe", "topic": "MU1/Updates/+"},
            {"permission": "deny", "action": "all", "topic": "#"}
        ]);
        assert_eq!(of(&client), expected);
    }

    #[test]
    fn a_topic_is_read_under_the_devices_own_name() {
        let client = ClientId::parse("MU1/ann/d1").unwrap();
        let may = |topic: &str| may_read(&client, "MU1/ann", topic);
        assert!(may("MU1/ann") && may("MU1/Updates/web"));
        for topic in
            ["MU1/bob", "#", "MU1/+", "$SYS/#", "MU1/Updates/+", "MU1/Updates/#", "MU2/Updates/web", ""]
        {
            assert!(!may(topic), "{topic}");
        }
        assert!(!may_read(&client, "MU1/bob", "MU1/ann") && !may_read(&client, "MU1/bob", "MU1/bob"));
    }
}
