//! What every request of the family has in common: `messageId` and, mostly, `propertyCode`.

use super::json::Json;
use super::schema::Faults;
use super::shape::{CODE_CHARS_MAX, is_code};

/// A request's envelope.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The rest of the message.
    pub message: Json,
    /// `messageId`; empty when there is none.
    pub message_id: String,
}

impl Envelope {
    /// Takes the message's id out. What is no object has no fields: everything is missing then.
    pub fn open(message: Json, faults: &mut Faults) -> Self {
        let message = if message.members().is_some() {
            message
        } else {
            faults.invalid("body", "a JSON object");
            Json::Object(Vec::new())
        };
        let message_id = match word(&message, "messageId") {
            None => {
                faults.missing("messageId");
                String::new()
            }
            Some(value) => match value.text().filter(|text| is_message_id(text)) {
                Some(text) => text.to_owned(),
                None => {
                    faults.invalid("messageId", "a text of 1 to 255 printable characters");
                    String::new()
                }
            },
        };
        Self { message, message_id }
    }

    /// A required code at the top of the message; empty when it is missing or bad.
    pub fn code(&self, name: &str, faults: &mut Faults) -> String {
        match word(&self.message, name) {
            None => faults.missing(name),
            Some(value) => match value.text().filter(|code| is_code(code)) {
                Some(code) => return code.to_owned(),
                None => faults.invalid(name, "a text of 1 to 255 characters without blanks around it"),
            },
        }
        String::new()
    }
}

/// A member that is neither absent nor null nor blank.
pub fn word<'a>(message: &'a Json, name: &str) -> Option<&'a Json> {
    message.given(name).filter(|value| value.text().is_none_or(|text| !text.trim().is_empty()))
}

/// The id is opaque (spec 2.2): any printable characters.
fn is_message_id(text: &str) -> bool {
    text.chars().count() <= CODE_CHARS_MAX && !text.chars().any(char::is_control)
}

/// The `messageId` of a body nobody will act on, to echo it (spec 2.6); empty when it cannot be read.
#[must_use]
pub fn echo(body: &[u8]) -> String {
    let Ok(message) = super::json::parse(body) else { return String::new() };
    let id = message.given("messageId").and_then(Json::text).filter(|text| is_message_id(text));
    id.unwrap_or_default().to_owned()
}
