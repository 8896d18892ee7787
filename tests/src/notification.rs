//! A delivery notification (spec 4.2).

use serde_json::{Value, json};
use waypost_simulators::callbacks::Callback;

use crate::proof;

/// A notification as it came, with its request.
#[derive(Clone, Debug)]
pub struct Notification {
    /// The request: path, headers and raw body.
    pub callback: Callback,
    /// The body.
    pub json: Value,
}

/// What a notification must say; the time is left out.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The transaction id with its suffix.
    pub transid: &'a str,
    /// The destination.
    pub to: &'a str,
    /// The outcome.
    pub code: u16,
    /// Its words.
    pub status: &'a str,
    /// Parts of the message.
    pub parts: u16,
    /// `msisdn`, or empty when the address was never resolved.
    pub to_type: &'a str,
    /// The client's data.
    pub callback_data: &'a str,
    /// The client's reference.
    pub correlation: &'a str,
}

impl Notification {
    /// Reads a call-back; `None` when it is no notification.
    #[must_use]
    pub fn of(callback: Callback) -> Option<Self> {
        let json: Value = serde_json::from_slice(&callback.body).ok()?;
        json.get("deliveryInfoNotification")?;
        Some(Self { callback, json })
    }

    fn info(&self, member: &str) -> &str {
        self.json["deliveryInfoNotification"]["deliveryInfo"][member].as_str().unwrap_or_default()
    }

    fn outer(&self, member: &str) -> &str {
        self.json["deliveryInfoNotification"][member].as_str().unwrap_or_default()
    }

    /// The outcome code; 0 when there is none.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.info("code").parse().unwrap_or(0)
    }

    /// The destination.
    #[must_use]
    pub fn to(&self) -> &str {
        self.info("destination")
    }

    /// `Delivered`, `Un-Delivered`, …
    #[must_use]
    pub fn status(&self) -> &str {
        self.info("deliveryStatus")
    }

    /// The transaction id.
    #[must_use]
    pub fn transid(&self) -> &str {
        self.outer("transid")
    }

    /// When the outcome was reached, as it is written.
    #[must_use]
    pub fn at(&self) -> &str {
        self.info("timeStamp")
    }

    /// The number of parts.
    #[must_use]
    pub fn parts(&self) -> &str {
        self.info("messageCount")
    }

    /// A header of the request.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.callback.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Asserts the whole body, and notes the proof.
    ///
    /// # Panics
    /// When it says anything else.
    pub fn assert_says(&self, expected: &Expected<'_>) {
        let at = self.info("timeStamp");
        assert_time(at);
        let description = self.info("Description");
        proof::notified(expected.code, description);
        let whole = json!({"deliveryInfoNotification": {
            "deliveryInfo": {
                "timeStamp": at,
                "Description": description,
                "code": expected.code.to_string(),
                "messageCount": expected.parts.to_string(),
                "deliveryChannel": "SMS",
                "additionalInfo": "",
                "destination": expected.to,
                "destinationType": expected.to_type,
                "deliveryStatus": expected.status,
            },
            "carrier": "",
            "subtid": "",
            "transid": expected.transid,
            "callbackData": expected.callback_data,
            "correlationid": expected.correlation,
        }});
        assert_eq!(self.json, whole);
    }

    /// Asserts outcome, words and text, and notes the proof.
    ///
    /// # Panics
    /// When it says anything else.
    pub fn assert_outcome(&self, code: u16, status: &str) {
        self.assert_outcome_on("sms", code, status);
    }

    /// The same of another channel, where its codes are its own.
    ///
    /// # Panics
    /// When it says anything else.
    pub fn assert_outcome_on(&self, channel: &str, code: u16, status: &str) {
        assert_eq!((self.code(), self.status()), (code, status), "{}", self.json);
        proof::notified_on(channel, code, self.info("Description"));
    }
}

/// `2022-10-10T13:53:13.749+01:00`
fn assert_time(at: &str) {
    let shape: String = at.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert!(
        matches!(
            shape.as_str(),
            "0000-00-00T00:00:00.000+00:00" | "0000-00-00T00:00:00.000-00:00" | "0000-00-00T00:00:00.000Z"
        ),
        "{at}"
    );
}
