//! What a template gives a message (spec 3.3), and the check of a template before it is stored.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use waypost_core::channel::Channel;
use waypost_core::time::Micros;

use super::placeholder::{self, fill};
use super::plan::{Content, Plan, Priority, ServiceView, SmartLink, SmsBody, SmsContent, SmsKind};
use super::refusal::Refusal;
use super::request::validate;
use crate::wire;

/// The block of a template as it is stored: checked like the content of a request, placeholders left as they are.
/// `channels` is the member of this name of a request, in JSON.
///
/// # Errors
/// What a request with this content would be refused with.
pub fn check(channel: Channel, channels: &Value) -> Result<Value, Refusal> {
    let request = json!({
        "deliverychannel": channel.wire_name(),
        "channels": channels,
        "destination": [{"customerid": ["template"]}],
    });
    let body = request.to_string();
    let service = ServiceView { default_priority: Priority::default(), default_sender: None };
    let plan = validate(wire::parse(body.as_bytes())?, &service, Micros(0))?;
    Ok(match plan.content {
        Content::Sms(sms) => sms_block(sms),
        Content::Block(block) => block,
    })
}

fn sms_block(sms: SmsContent) -> Value {
    let mut block = Map::new();
    block.insert("type".to_owned(), sms.kind.number().into());
    match sms.body {
        SmsBody::Text { text, .. } => block.insert("text".to_owned(), text.into()),
        SmsBody::Binary(hex) => block.insert("body".to_owned(), hex.into()),
        SmsBody::Template => None,
    };
    if let Some(id) = sms.dlt_template {
        block.insert("dlt_templateid".to_owned(), id.into());
    }
    Value::Object(block)
}

/// The names of the placeholders in a stored block, smart links left out.
#[must_use]
pub fn parameters(block: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    each_text(block, &mut |text| {
        names.extend(placeholder::names(text).into_iter().filter(|name| link_number(name).is_none()));
    });
    names
}

/// The texts a stored block says, in its own order.
pub fn each_text(block: &Value, told: &mut dyn FnMut(&str)) {
    match block {
        Value::String(text) => told(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, told)),
        Value::Object(members) => members.values().for_each(|member| each_text(member, told)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Gives a message its template's content: what the request says itself goes before it. `block` is the stored block of the
/// plan's channel.
pub fn apply(plan: &mut Plan, block: &Value) {
    let Some(template) = &plan.template else { return };
    let values = Values { parameters: &template.parameters, links: &plan.smart_links };
    match &mut plan.content {
        Content::Sms(sms) => apply_sms(sms, block, values),
        Content::Block(own) => {
            let mut merged = block.clone();
            merge(&mut merged, own);
            plan.unresolved = fill_block(&mut merged, values);
            *own = merged;
        }
    }
}

fn apply_sms(sms: &mut SmsContent, block: &Value, values: Values<'_>) {
    let text = |name: &str| block.get(name).and_then(Value::as_str);
    if sms.dlt_template.is_none() {
        sms.dlt_template = text("dlt_templateid").map(str::to_owned);
    }
    if sms.body != SmsBody::Template {
        return;
    }
    let kind = block.get("type").and_then(Value::as_u64).and_then(|kind| SmsKind::parse(&kind.to_string()));
    if sms.kind == SmsKind::default() {
        sms.kind = kind.unwrap_or_default();
    }
    if let Some(hex) = text("body") {
        sms.body = SmsBody::Binary(hex.to_owned());
        return;
    }
    let filled = values.fill(text("text").unwrap_or_default());
    sms.body = SmsBody::Text { text: filled.text, unresolved: filled.unresolved };
}

/// What placeholders are filled with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub parameters: &'a [(String, String)],
    /// Their placeholders stay until the message leaves: each message has a link of its own.
    pub links: &'a [SmartLink],
}

impl Values<'_> {
    pub fn fill(self, text: &str) -> placeholder::Filled {
        let value_of = |name: &str| {
            self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        let is_link = |name: &str| {
            link_number(name).is_some_and(|link| self.links.iter().any(|known| known.link == link))
        };
        fill(text, value_of, is_link)
    }
}

/// `5` of `link_5`.
pub(super) fn link_number(name: &str) -> Option<i64> {
    name.strip_prefix("link_")?.parse().ok()
}

/// Fills every text of a block; the first placeholder without a value.
pub(super) fn fill_block(block: &mut Value, values: Values<'_>) -> Option<String> {
    match block {
        Value::String(text) => {
            if !text.contains("{{") {
                return None;
            }
            let filled = values.fill(text);
            *text = filled.text;
            filled.unresolved
        }
        Value::Array(items) => items.iter_mut().fold(None, |first, item| first.or(fill_block(item, values))),
        Value::Object(members) => {
            let mut first = None;
            for member in members.values_mut() {
                let unresolved = fill_block(member, values);
                first = first.or(unresolved);
            }
            first
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Lays `over` over `under`: objects member by member, everything else whole.
fn merge(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, member) in over {
                merge(under.entry(name.clone()).or_insert(Value::Null), member);
            }
        }
        (under, over) => *under = over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(parameters: &'a [(String, String)]) -> Values<'a> {
        const LINKS: [SmartLink; 1] = [SmartLink { link: 5, validity_minutes: None }];
        Values { parameters, links: &LINKS }
    }

    #[test]
    fn every_text_of_a_block_is_filled_and_the_first_without_a_value_is_named() {
        let parameters = [("name".to_owned(), "Ann".to_owned())];
        let mut block = json!({"android": {"title": "Hi {{name}}", "list": ["{{link_5}}", 1]}, "n": 2});
        assert_eq!(fill_block(&mut block, values(&parameters)), None);
        assert_eq!(block, json!({"android": {"title": "Hi Ann", "list": ["{{link_5}}", 1]}, "n": 2}));
        let mut block = json!({"a": ["{{x}}", "{{link_6}} {{name}}"]});
        assert_eq!(fill_block(&mut block, values(&parameters)).as_deref(), Some("x"));
        assert_eq!(block, json!({"a": ["{{x}}", "{{link_6}} Ann"]}));
    }

    #[test]
    fn what_the_request_says_goes_before_the_template() {
        let mut under = json!({"android": {"title": "T", "text": "X"}, "tags": ["a", "b"]});
        merge(&mut under, &json!({"android": {"title": "own"}, "tags": ["c"], "new": true}));
        let expected = json!({"android": {"title": "own", "text": "X"}, "tags": ["c"], "new": true});
        assert_eq!(under, expected);
    }

    #[test]
    fn a_template_is_checked_like_the_content_of_a_request() {
        let good = check(Channel::Sms, &json!({"sms": {"text": "Hi {{name}}, {{link_5}}"}})).unwrap();
        assert_eq!(good, json!({"type": 1, "text": "Hi {{name}}, {{link_5}}"}));
        assert_eq!(parameters(&good), BTreeSet::from(["name".to_owned()]));
        assert!(check(Channel::Sms, &json!({"sms": {"type": "9", "text": "x"}})).is_err());
        assert!(check(Channel::Fb, &json!({"OTT-Messaging": {"fb": {}}})).is_err());
        let block = check(Channel::Fb, &json!({"OTT-Messaging": {"fb": {"text": "Hi {{name}}"}}})).unwrap();
        assert_eq!(block, json!({"text": "Hi {{name}}"}));
    }
}
