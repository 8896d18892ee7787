//! `channels.push.interactive` (spec 3.7): buttons under a push notification.

use std::fmt;

use serde_json::Value;
use url::Url;

use super::blocks::filled;

/// Longest part of a client's text that is repeated in an answer, in characters.
const ECHO_CHARS_MAX: usize = 64;

/// What is wrong with the buttons; each is one row of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the row of the catalogue it is named after")]
pub enum InteractiveFault {
    CategoryMissing,
    ActionsMissing,
    DeviceTypesMissing,
    DeviceTypeInvalid(String),
    DeviceTypeDuplicate(String),
    CategoryInvalid,
    ActionsCount { expected: usize, found: usize },
    PosMissing,
    PosInvalid(&'static str),
    PosDuplicate,
    IdentifierNotAtPos,
    ActionInvalid,
    IdentifierInvalid,
    ActionNotForIdentifier(String),
    ActionValueMissing(String),
    ActionValueInvalid(String),
}

impl fmt::Display for InteractiveFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::CategoryMissing | Self::ActionsMissing | Self::DeviceTypesMissing => {
                "category, actions and device_types are mandatory"
            }
            Self::DeviceTypeInvalid(_) | Self::DeviceTypeDuplicate(_) => {
                "device_types holds ios and android once each"
            }
            Self::CategoryInvalid => "a category of push",
            Self::ActionsCount { .. } => "one action for each button of the category",
            Self::PosMissing | Self::PosInvalid(_) | Self::PosDuplicate => {
                "each action has the position of its button, from 1"
            }
            Self::IdentifierNotAtPos | Self::IdentifierInvalid => {
                "the identifier of the button at that position"
            }
            Self::ActionInvalid | Self::ActionNotForIdentifier(_) => "an action that the button can have",
            Self::ActionValueMissing(_) | Self::ActionValueInvalid(_) => {
                "a URL, deep link or text as the action needs it"
            }
        })
    }
}

/// The categories of push and the identifiers of their buttons, by position.
const CATEGORIES: [(&str, &[&str]); 17] = [
    ("SINGLE_DISMISS", &["DISMISS"]),
    ("SINGLE_OPEN", &["OPEN"]),
    ("SINGLE_SUBSCRIBE", &["SUBSCRIBE"]),
    ("SINGLE_UNSUBSCRIBE", &["UNSUBSCRIBE"]),
    ("SINGLE_SHARE", &["SHARE"]),
    ("SINGLE_DEEPLINK", &["DEEPLINK"]),
    ("SINGLE_REPLY", &["REPLY"]),
    ("DOUBLE_YES_NO", &["YES", "NO"]),
    ("DOUBLE_ACCEPT_CANCEL", &["ACCEPT", "CANCEL"]),
    ("DOUBLE_SHARE_CANCEL", &["SHARE", "CANCEL"]),
    ("DOUBLE_SHOPNOW_CANCEL", &["SHOPNOW", "CANCEL"]),
    ("DOUBLE_LATER_NOW", &["LATER", "NOW"]),
    ("DOUBLE_PLAY_NOW_PLAY_LATER", &["PLAY_NOW", "PLAY_LATER"]),
    ("DOUBLE_OK_LEARN_MORE", &["OK", "LEARN_MORE"]),
    ("DOUBLE_SUBSCRIBE_UNSUBSCRIBE", &["SUBSCRIBE", "UNSUBSCRIBE"]),
    ("DOUBLE_BUY_NOW_BUY_LATER", &["BUY_NOW", "BUY_LATER"]),
    ("DOUBLE_LIKE_SHARE", &["LIKE", "SHARE"]),
];

/// The actions of push.
const ACTIONS: [&str; 6] = ["DISMISS", "OPEN_URL", "OPEN_APP", "DEEPLINK", "OPENWEBVIEW", "SHARE"];

/// The actions a button can have.
fn allowed(identifier: &str) -> &'static [&'static str] {
    match identifier {
        "SHARE" => &["SHARE"],
        "DEEPLINK" => &["DEEPLINK"],
        "REPLY" => &["OPEN_APP", "DEEPLINK"],
        "OPEN" => &["OPEN_APP", "OPEN_URL", "OPENWEBVIEW", "DEEPLINK"],
        _ => &["DISMISS", "OPEN_APP", "OPEN_URL", "OPENWEBVIEW", "DEEPLINK"],
    }
}

type Checked = Result<(), InteractiveFault>;

/// Checks the block in the order of the contract.
pub(super) fn check(block: &Value) -> Checked {
    if !filled(block, "category") {
        return Err(InteractiveFault::CategoryMissing);
    }
    let actions = array(block, "actions").ok_or(InteractiveFault::ActionsMissing)?;
    let devices = array(block, "device_types").ok_or(InteractiveFault::DeviceTypesMissing)?;
    device_types(devices)?;
    let buttons = block["category"]
        .as_str()
        .and_then(|name| CATEGORIES.iter().find(|(known, _)| *known == name))
        .map(|(_, buttons)| *buttons)
        .ok_or(InteractiveFault::CategoryInvalid)?;
    if actions.len() != buttons.len() {
        return Err(InteractiveFault::ActionsCount { expected: buttons.len(), found: actions.len() });
    }
    let mut seen = [false; 2];
    actions.iter().try_for_each(|action| {
        let at = position(action, buttons.len())?;
        if std::mem::replace(&mut seen[at], true) {
            return Err(InteractiveFault::PosDuplicate);
        }
        button(action, buttons[at])
    })
}

fn array<'v>(block: &'v Value, name: &str) -> Option<&'v Vec<Value>> {
    block.get(name).and_then(Value::as_array).filter(|items| !items.is_empty())
}

fn device_types(devices: &[Value]) -> Checked {
    for device in devices {
        if !matches!(device.as_str(), Some("ios" | "android")) {
            return Err(InteractiveFault::DeviceTypeInvalid(echo(device)));
        }
    }
    match devices.iter().enumerate().find(|(at, device)| devices[..*at].contains(device)) {
        Some((_, device)) => Err(InteractiveFault::DeviceTypeDuplicate(echo(device))),
        None => Ok(()),
    }
}

/// The index of the button that `pos` (a number or its text) names.
fn position(action: &Value, buttons: usize) -> Result<usize, InteractiveFault> {
    if !filled(action, "pos") {
        return Err(InteractiveFault::PosMissing);
    }
    let pos = match &action["pos"] {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    match pos {
        Some(1) => Ok(0),
        Some(2) if buttons == 2 => Ok(1),
        _ => Err(InteractiveFault::PosInvalid(if buttons == 2 { "1,2" } else { "1" })),
    }
}

fn button(action: &Value, identifier: &'static str) -> Checked {
    let named = action.get("identifier").filter(|named| !named.is_null());
    let known = |named: &str| CATEGORIES.iter().any(|(_, buttons)| buttons.contains(&named));
    let at_pos = named.is_none_or(|named| named.as_str() == Some(identifier));
    if !at_pos && named.and_then(Value::as_str).is_some_and(known) {
        return Err(InteractiveFault::IdentifierNotAtPos);
    }
    let name = match action.get("action") {
        None | Some(Value::Null) => None,
        Some(name) => {
            Some(name.as_str().filter(|name| ACTIONS.contains(name)).ok_or(InteractiveFault::ActionInvalid)?)
        }
    };
    if !at_pos {
        return Err(InteractiveFault::IdentifierInvalid);
    }
    let Some(name) = name else { return Ok(()) };
    if !allowed(identifier).contains(&name) {
        return Err(InteractiveFault::ActionNotForIdentifier(identifier.to_owned()));
    }
    value(action, name)
}

fn value(action: &Value, name: &str) -> Checked {
    if matches!(name, "DISMISS" | "OPEN_APP") {
        return Ok(());
    }
    if !filled(action, "value") {
        return Err(InteractiveFault::ActionValueMissing(name.to_owned()));
    }
    let good = action["value"].as_str().is_some_and(|value| match name {
        "OPEN_URL" | "OPENWEBVIEW" => {
            Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        }
        "DEEPLINK" => value.contains("://") && Url::parse(value).is_ok(),
        _ => true,
    });
    if good { Ok(()) } else { Err(InteractiveFault::ActionValueInvalid(name.to_owned())) }
}

fn echo(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(ECHO_CHARS_MAX).collect()
}
