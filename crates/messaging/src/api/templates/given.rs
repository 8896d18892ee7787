//! The members of a body of these endpoints.

use serde_json::{Map, Value};
use waypost_core::channel::Channel;

use crate::api::desk::wrong;
use crate::rules::{Field, Refusal};
use crate::wire::parse_object;

/// A JSON object as it was given.
#[derive(Default)]
pub(super) struct Given(Map<String, Value>);

impl Given {
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        Ok(Self(parse_object(body)?))
    }

    /// A member that may be left out.
    pub fn optional_text(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong(name, "a text")),
        }
    }

    pub fn text(&self, name: &'static str) -> Result<String, Refusal> {
        let found = self.optional_text(name)?.filter(|text| !text.is_empty());
        found.ok_or_else(|| absent(name, "a text"))
    }

    pub fn channel(&self) -> Result<Channel, Refusal> {
        let name = self.text("channel")?;
        let sends = |channel: &Channel| !matches!(channel, Channel::Email | Channel::Whatsapp);
        Channel::parse(&name)
            .filter(sends)
            .ok_or_else(|| wrong("channel", "one of sms, voice, push, rt, fb, twitter, wechat"))
    }

    pub fn whole(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| wrong(name, "a whole number")),
        }
    }

    pub fn flag(&self, name: &'static str) -> Result<bool, Refusal> {
        match self.0.get(name) {
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(wrong(name, "true or false")),
            None => Err(absent(name, "true or false")),
        }
    }

    /// The member as it stands; null when it is absent.
    pub fn value(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// An object of texts.
    pub fn texts(&self, name: &'static str) -> Result<Vec<(String, String)>, Refusal> {
        let members = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Object(members)) => members,
            Some(_) => return Err(wrong(name, "an object of texts")),
        };
        let pair = |(name_of, value): (&String, &Value)| match value {
            Value::String(text) => Ok((name_of.clone(), text.clone())),
            Value::Number(number) => Ok((name_of.clone(), number.to_string())),
            _ => Err(wrong(name, "an object of texts")),
        };
        members.iter().map(pair).collect()
    }
}

pub(super) fn absent(param: &'static str, rule: &'static str) -> Refusal {
    Refusal::Absent(Field { path: param.to_owned(), param, rule: rule.into() })
}
