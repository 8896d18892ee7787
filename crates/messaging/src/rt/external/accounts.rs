//! The broker's accounts, by the commands of Mosquitto's dynamic security.

use serde_json::{Value, json};

use super::{Change, Ticket};

/// Where commands go.
pub(super) const COMMANDS: &str = "$CONTROL/dynamic-security/v1";
/// Where they are answered.
pub(super) const ANSWERS: &str = "$CONTROL/dynamic-security/v1/response";
/// The role of whoever `mosquitto_ctrl dynsec init` named: it may change accounts, and publishes nothing else by itself.
const ADMIN: &str = "admin";

/// The commands that make a change; the last one's answer, which carries `number`, tells whether it was made.
pub(super) fn commands(change: &Change, number: u64) -> Value {
    let number = number.to_string();
    let commands = match change {
        Change::Admit(ticket) => {
            let (name, app) = (ticket.name(), &ticket.client.app_id);
            json!([
                // Ends the connections of the device before, too.
                {"command": "deleteClient", "username": name},
                {"command": "createRole", "rolename": name, "acls": [
                    acl("subscribeLiteral", &name), acl("subscribePattern", &format!("{app}/Updates/+")),
                    acl("unsubscribePattern", "#")
                ]},
                create(ticket, &number)
            ])
        }
        Change::Remove(name) => json!([
            {"command": "deleteRole", "rolename": name},
            {"command": "deleteClient", "username": name, "correlationData": number}
        ]),
    };
    json!({ "commands": commands })
}

fn create(ticket: &Ticket, number: &str) -> Value {
    let name = ticket.name();
    json!({
        "command": "createClient", "username": name, "password": ticket.key, "clientid": ticket.client_id(),
        "roles": [{"rolename": name}], "correlationData": number
    })
}

fn acl(kind: &str, topic: &str) -> Value {
    json!({"acltype": kind, "topic": topic, "priority": 0, "allow": true})
}

/// The number of the command a connection begins with; changes have higher ones.
pub(super) const BEGIN: u64 = 0;

/// The command by which our own account may publish to devices. Its right is there already but for the first time, when the broker
/// ends the connection as it gives it.
pub(super) fn may_publish() -> Value {
    let mut command = acl("publishClientSend", "#");
    if let Value::Object(members) = &mut command {
        members.insert("command".to_owned(), json!("addRoleACL"));
        members.insert("rolename".to_owned(), json!(ADMIN));
        members.insert("correlationData".to_owned(), json!(BEGIN.to_string()));
    }
    json!({ "commands": [command] })
}

/// The numbered answers of a message: number, and whether the change was made. That there was nobody to remove is no fault.
pub(super) fn answers(payload: &[u8]) -> Vec<(u64, bool)> {
    let Ok(Value::Object(message)) = serde_json::from_slice(payload) else { return Vec::new() };
    let all = message.get("responses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |answer: &Value| {
        let number = answer.get("correlationData")?.as_str()?.parse().ok()?;
        let is_removal = answer.get("command").and_then(Value::as_str) == Some("deleteClient");
        Some((number, is_removal || answer.get("error").is_none()))
    };
    all.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::super::ClientId;
    use super::*;

    fn ticket() -> Ticket {
        let client = ClientId::parse("MU1/ann/d1").unwrap();
        Ticket { device: 1, client, token: "t1".to_owned(), key: "ck".to_owned() }
    }

    #[test]
    fn a_device_is_let_in_by_its_token_and_reads_its_own_topics_only() {
        let expected = json!({"commands": [
            {"command": "deleteClient", "username": "MU1/ann"},
            {"command": "createRole", "rolename": "MU1/ann", "acls": [
                {"acltype": "subscribeLiteral", "topic": "MU1/ann", "priority": 0, "allow": true},
                {"acltype": "subscribePattern", "topic": "MU1/Updates/+", "priority": 0, "allow": true},
                {"acltype": "unsubscribePattern", "topic": "#", "priority": 0, "allow": true}
            ]},
            {"command": "createClient", "username": "MU1/ann", "password": "ck", "clientid": "MU1/ann/d1/at_t1",
             "roles": [{"rolename": "MU1/ann"}], "correlationData": "7"}
        ]});
        assert_eq!(commands(&Change::Admit(ticket()), 7), expected);
    }

    #[test]
    fn an_answer_tells_whether_its_change_was_made() {
        let payload = br#"{"responses": [
            {"command": "createRole", "error": "Role already exists"},
            {"command": "createClient", "correlationData": "7"},
            {"command": "createClient", "error": "Internal error", "correlationData": "8"},
            {"command": "deleteClient", "error": "Client not found", "correlationData": "9"}]}"#;
        assert_eq!(answers(payload), [(7, true), (8, false), (9, true)]);
        assert_eq!(answers(b"no JSON"), []);
    }
}
