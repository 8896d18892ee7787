//! What the content blocks of each channel are taken and refused for: a table per channel, each row a body and its whole
//! answer.

mod facebook;
mod members;
mod push;
mod rt;
mod social;
pub mod taken;
mod voice;

pub use taken::BODIES;

use serde_json::{Value, json};

use crate::support::{Server, sms};

/// What is changed in a good body, the body, and its answer: code, text, and the field that is named, under the table's
/// place.
type Row = (&'static str, Value, u16, &'static str, &'static str);

/// A request on `channel` whose blocks are `blocks`.
fn on(channel: &str, blocks: Value) -> Value {
    json!({"deliverychannel": channel, "channels": blocks, "destination": [{"customerid": ["c1"]}]})
}

/// A block inside `channels["OTT-Messaging"]`.
fn ott(channel: &str, block: Value) -> Value {
    on(channel, json!({"OTT-Messaging": {channel: block}}))
}

/// Every row is refused as it says, in HTTP 200, and nothing is kept.
async fn check(name: &str, place: &str, rows: Vec<Row>) {
    let server = Server::new();
    let mut shown = Vec::new();
    for (case, body, code, text, field) in rows {
        let answer = server.post(sms(body)).await;
        assert_eq!(answer.refusal(), (200, code.to_string(), text.to_owned()), "{case}: {}", answer.body);
        assert_eq!(answer.json()["response"]["detail"]["field"], format!("{place}{field}"), "{case}");
        shown.push(format!("{case}\n{}", answer.shown()));
    }
    assert_eq!(server.kept().len(), 0, "nothing may be kept of a refused request");
    insta::assert_snapshot!(name, shown.join("\n\n"));
}
