//! Request bodies.

use serde_json::{Value, json};

/// A request for one SMS of the service's sender.
#[must_use]
pub fn sms(text: &str, to: &str) -> Value {
    sms_to(text, &[to])
}

/// A request for the same SMS to several values of one destination object.
#[must_use]
pub fn sms_to<T: AsRef<str>>(text: &str, to: &[T]) -> Value {
    let values: Vec<&str> = to.iter().map(AsRef::as_ref).collect();
    json!({
        "deliverychannel": "sms",
        "channels": {"sms": {"text": text}},
        "destination": [{"msisdn": values}],
    })
}

/// The same request with further or other members at its top.
#[must_use]
pub fn with(mut request: Value, members: Value) -> Value {
    let (Some(request_members), Value::Object(members)) = (request.as_object_mut(), members) else {
        panic!("objects only");
    };
    request_members.extend(members);
    request
}
