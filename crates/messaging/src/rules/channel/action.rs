//! What a tap does: actions and their values (spec 3.6, 3.7).

use super::interactive::InteractiveFault;
use crate::rules::node::{Checked, Node, WEB_URL, is_web_url};
use crate::rules::refusal::Refusal;

/// The actions of a tap on the notification itself.
const OF_NOTIFICATION: [&str; 5] = ["OPEN_APP", "OPEN_URL", "OPENWEBVIEW", "DEEPLINK", "OPEN_HTML"];

/// Checks `notificationaction`: `action` is one of five, absent means the app is opened.
pub(super) fn of_notification(place: &Node<'_>) -> Checked {
    let Some(action) = place.get("action") else { return Ok(()) };
    let given = action.value().as_str();
    let Some(known) = OF_NOTIFICATION.into_iter().find(|known| given == Some(known)) else {
        let rule = format!("one of {}", OF_NOTIFICATION.join(", "));
        return Err(Refusal::Interactive(InteractiveFault::ActionInvalid, action.field(rule)));
    };
    value(place, known)
}

/// Checks `value` for an action that needs one.
pub(super) fn value(place: &Node<'_>, action: &'static str) -> Checked {
    let (good, rule): (fn(&str) -> bool, _) = match action {
        "OPEN_URL" | "OPENWEBVIEW" => (is_web_url, WEB_URL),
        "DEEPLINK" => (is_deep_link, "a deep link such as myapp://command/open"),
        "SHARE" => (|_| true, "the text or link that is shared"),
        "OPEN_HTML" => (|_| true, "the HTML that is shown"),
        _ => return Ok(()),
    };
    let Some(value) = place.get("value").filter(|value| value.value().as_str() != Some("")) else {
        let mut field = place.field(rule);
        field.path = place.path_of("value");
        return Err(Refusal::Interactive(InteractiveFault::ActionValueMissing(action), field));
    };
    if value.value().as_str().is_some_and(good) {
        Ok(())
    } else {
        Err(Refusal::Interactive(InteractiveFault::ActionValueInvalid(action), value.field(rule)))
    }
}

/// An app's own link. Its scheme may be an app id, which has characters that a scheme of the web has not.
fn is_deep_link(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let of_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_');
    let plain = |text: &str| !text.contains(|c: char| c.is_whitespace() || c.is_control());
    !scheme.is_empty() && scheme.chars().all(of_scheme) && !rest.is_empty() && plain(rest)
}
