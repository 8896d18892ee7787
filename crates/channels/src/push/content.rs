//! What the platforms' blocks of `channels.push` have in common (spec 3.6, 3.7).

use serde_json::{Map, Value, json};
use waypost_core::time::Micros;

use super::refusal::refused;
use crate::connector::{Handed, Outgoing};

/// Keys of `extras` that say how to deliver, not what.
const DELIVERY_KEYS: [&str; 3] = ["collapse_key", "time_to_live", "delay_while_idle"];

/// One platform's block.
#[derive(Clone, Copy)]
pub(super) struct Content<'a> {
    block: &'a Map<String, Value>,
    extras: Option<&'a Map<String, Value>>,
    interactive: Option<&'a Map<String, Value>>,
}

impl<'a> Content<'a> {
    /// The block of `platform` (`android`, `ios`, `web`): a message without it cannot go to such a device.
    pub(super) fn of(push: &'a Value, platform: &str) -> Result<Self, Handed> {
        let block = push.get(platform).and_then(Value::as_object);
        let Some(block) = block else {
            return Err(refused(7112, format!("the message has no content for {platform}")));
        };
        let extras = block.get("extras").and_then(Value::as_object);
        let interactive = push.get("interactive").and_then(Value::as_object);
        let interactive = interactive.filter(|interactive| is_for(interactive, platform));
        Ok(Self { block, extras, interactive })
    }

    pub(super) fn title(&self) -> Option<&'a str> {
        self.text("title")
    }

    pub(super) fn body(&self) -> &'a str {
        self.text("text").unwrap_or_default()
    }

    /// A text of the block; empty is absent.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.block.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A whole number of the block, or a text of digits.
    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.block.get(key).and_then(whole)
    }

    pub(super) fn extra(&self, key: &str) -> Option<&'a Value> {
        self.extras.and_then(|extras| extras.get(key)).filter(|value| !value.is_null())
    }

    pub(super) fn extra_text(&self, key: &str) -> Option<&'a str> {
        self.extra(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The address of a picture: the tag `imageurl`.
    pub(super) fn image(&self) -> Option<&'a str> {
        let tags = self.extra("customtags")?;
        tags.get("imageurl").and_then(Value::as_str).filter(|url| !url.is_empty())
    }

    /// What the app on the device gets of `extras`.
    pub(super) fn extras(&self) -> Map<String, Value> {
        let extras = self.extras.into_iter().flatten();
        extras
            .filter(|(key, value)| !value.is_null() && !DELIVERY_KEYS.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// What the app on the device gets to draw buttons and to report the one pressed.
    pub(super) fn interactive(&self) -> Option<Value> {
        let interactive = self.interactive?;
        let part = |key: &str| interactive.get(key).cloned().unwrap_or_default();
        Some(json!({
            "pushref": part("pushref"), "category": part("category"), "actions": part("actions"),
        }))
    }

    pub(super) fn category(&self) -> Option<&'a str> {
        self.interactive?.get("category").and_then(Value::as_str)
    }

    /// Seconds the provider may keep the message: `extras.time_to_live` within its range, or the longest, but not beyond
    /// the message's expiry.
    pub(super) fn time_to_live(
        &self,
        range: TimeToLive,
        outgoing: &Outgoing,
        now: Micros,
    ) -> Result<i64, Handed> {
        let wanted = match self.extra("time_to_live") {
            None => range.secs_max,
            Some(value) => match whole(value) {
                Some(secs) if (0..=range.secs_max).contains(&secs) => secs,
                _ => {
                    return Err(refused(range.code, format!("time_to_live must be 0 to {}", range.secs_max)));
                }
            },
        };
        let Some(expires_at) = outgoing.expires_at else { return Ok(wanted) };
        let left_ms = expires_at.since_ms(now);
        if left_ms <= 0 {
            return Err(refused(7503, "the message's expiry has passed"));
        }
        // Rounded up: a part of a second is not "now or never".
        Ok(wanted.min(left_ms.saturating_add(999) / 1_000))
    }
}

/// What a platform takes for `time_to_live`.
#[derive(Clone, Copy)]
pub(super) struct TimeToLive {
    /// The longest, seconds.
    pub(super) secs_max: i64,
    /// The code of anything else.
    pub(super) code: u16,
}

/// Whether the interactive part is for a platform: `device_types`; without them, for every one.
fn is_for(interactive: &Map<String, Value>, platform: &str) -> bool {
    let Some(types) = interactive.get("device_types").and_then(Value::as_array) else { return true };
    types.iter().filter_map(Value::as_str).any(|kind| kind.eq_ignore_ascii_case(platform))
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
