//! Tells an operator at once what would make an app of push or in-app messages fail at its first message.

use serde_json::Value;
use waypost_channels::connector::AppAccount;
use waypost_channels::push::check_account;
use waypost_messaging::rt::read_payload_key;
use waypost_store::directory::{App, AppKind};

/// Octets of a key that signs end-user tokens, at least: those of the digest.
const USER_TOKEN_KEY_BYTES: usize = 32;

/// Says on standard error what of `app`'s settings and of `secrets`, a JSON object, would not be taken. The
/// change stands: one is often set before the other.
pub fn warn(app: &App, secrets: &str) {
    for problem in problems(app, secrets) {
        eprintln!("warning: {problem}");
    }
}

fn problems(app: &App, secrets: &str) -> Vec<String> {
    if app.kind != AppKind::Mobile {
        return Vec::new();
    }
    let object = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let account = AppAccount {
        id: app.id,
        app_id: app.app_id.clone(),
        revision: 0,
        config: object(&app.config),
        secrets: object(secrets),
        sandbox: false,
    };
    let push = if app.push { check_account(&account) } else { Vec::new() };
    let push = push.into_iter().map(|problem| format!("{}: {}", problem.key, problem.rule));
    let chat = if app.rt { check_chat(&account) } else { Vec::new() };
    let all = push.chain(chat.into_iter().map(str::to_owned));
    all.map(|problem| format!("app {}: {problem}", app.app_id)).collect()
}

/// What in-app messaging would not take, or would take for something else.
fn check_chat(account: &AppAccount) -> Vec<&'static str> {
    let (config, secrets) = (&account.config, &account.secrets);
    let is_switch = |name: &str| matches!(config.get(name), None | Some(Value::Bool(_)));
    let text = |name: &str| secrets.get(name).map(|value| value.as_str().unwrap_or_default());
    let checks = [
        (text("client_key").is_some_and(|key| !key.is_empty()), "client_key: without one no client gets in"),
        (is_switch("encryption"), "encryption: true or false; anything else is false"),
        (is_switch("single_device"), "single_device: true or false; anything else is false"),
        (
            text("encryption_key").is_none_or(|key| read_payload_key(key).is_some()),
            "encryption_key: base64 of 32 octets; another one is made in its place",
        ),
        (
            text("user_token_key").is_none_or(|key| key.len() >= USER_TOKEN_KEY_BYTES),
            "user_token_key: a text of 32 octets or more",
        ),
    ];
    checks.into_iter().filter(|(holds, _)| !holds).map(|(_, problem)| problem).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::app::app;
    use super::*;

    #[test]
    fn what_a_push_cloud_would_not_take_is_told_and_other_apps_are_not_asked() {
        let mut push = app("SA1", AppKind::Mobile, "SA1", &json!({}));
        push.rt = false;
        let rule = "app SA1: secrets: one of fcm_service_account, apns_key and vapid_private_key is needed";
        assert_eq!(problems(&push, "{}"), [rule]);
        assert_eq!(problems(&push, r#"{"vapid_private_key": "x"}"#).len(), 1);
        assert!(problems(&app("FB1", AppKind::Fb, "FB1", &json!({})), "{}").is_empty());
    }

    #[test]
    fn what_in_app_messaging_would_not_take_is_told() {
        let mut chat = app("MU1", AppKind::Mobile, "MU1", &json!({"encryption": "1", "single_device": true}));
        (chat.push, chat.rt) = (false, true);
        let secrets = r#"{"client_key": "k", "encryption_key": "short", "user_token_key": "short"}"#;
        let rules = [
            "app MU1: encryption: true or false; anything else is false",
            "app MU1: encryption_key: base64 of 32 octets; another one is made in its place",
            "app MU1: user_token_key: a text of 32 octets or more",
        ];
        assert_eq!(problems(&chat, secrets), rules);
        assert_eq!(problems(&app_of(&chat), "{}"), ["app MU1: client_key: without one no client gets in"]);
    }

    fn app_of(chat: &App) -> App {
        App { config: "{}".to_owned(), ..chat.clone() }
    }
}
