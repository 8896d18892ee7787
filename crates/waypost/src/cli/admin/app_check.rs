//! Tells an operator at once what would make a push app fail at its first message.

use serde_json::Value;
use waypost_channels::connector::AppAccount;
use waypost_channels::push::check_account;
use waypost_store::directory::{App, AppKind};

/// Says on standard error what of `app`'s settings and of `secrets`, a JSON object, its push clouds would not take. The
/// change stands: one is often set before the other.
pub fn warn(app: &App, secrets: &str) {
    for problem in problems(app, secrets) {
        eprintln!("warning: {problem}");
    }
}

fn problems(app: &App, secrets: &str) -> Vec<String> {
    if app.kind != AppKind::Mobile || !app.push {
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
    let found = check_account(&account);
    found
        .into_iter()
        .map(|problem| format!("app {}: {}: {}", app.app_id, problem.key, problem.rule))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::app::app;
    use super::*;

    #[test]
    fn what_a_push_cloud_would_not_take_is_told_and_other_apps_are_not_asked() {
        let push = app("SA1", AppKind::Mobile, "SA1", &json!({}));
        let rule = "app SA1: secrets: one of fcm_service_account, apns_key and vapid_private_key is needed";
        assert_eq!(problems(&push, "{}"), [rule]);
        assert_eq!(problems(&push, r#"{"vapid_private_key": "x"}"#).len(), 1);
        assert!(problems(&app("FB1", AppKind::Fb, "FB1", &json!({})), "{}").is_empty());
    }
}
