//! A record of Transaction Status (spec 5).

use serde_json::Value;
use waypost_status::{Api, TransactionStatusCode};

use crate::answer::{assert_members, text};
use crate::proof;

const MEMBERS: [&str; 13] = [
    "transactionid",
    "clientid",
    "api_version",
    "type",
    "from",
    "to",
    "body",
    "channel",
    "status",
    "date_created",
    "last_updated",
    "error_code",
    "error_message",
];

/// One record, its constant members checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// As asked for, with the place of its destination object.
    pub transaction: String,
    /// The tenant.
    pub client: String,
    /// The sender.
    pub from: String,
    /// The destination.
    pub to: String,
    /// The text.
    pub body: String,
    /// `queued`, `sent`, `delivered`, `failed`, `expired`.
    pub status: String,
    /// Code and text of a failure.
    pub error: Option<(u16, String)>,
}

impl Record {
    pub(crate) fn read(json: &Value) -> Self {
        assert_members(json, &MEMBERS);
        assert_eq!(
            (&json["api_version"], &json["type"], &json["channel"]),
            (&Value::from("v1"), &Value::from("outbound-api"), &Value::from("SMS")),
            "{json}"
        );
        for date in ["date_created", "last_updated"] {
            assert_date(&text(json, date));
        }
        Self {
            transaction: text(json, "transactionid"),
            client: text(json, "clientid"),
            from: text(json, "from"),
            to: text(json, "to"),
            body: text(json, "body"),
            status: text(json, "status"),
            error: error(json),
        }
    }

    /// Asserts where the message stands, and notes the proof: `code` is its newest outcome.
    ///
    /// # Panics
    /// When it stands elsewhere.
    pub fn assert_stands(&self, status: &str, code: Option<u16>) {
        let shown = code.filter(|_| matches!(status, "failed" | "expired"));
        let expected = shown.map(|code| (code, error_text(code)));
        assert_eq!((self.status.as_str(), self.error.as_ref()), (status, expected.as_ref()), "{self:?}");
        if let Some(code) = code {
            // A state without an error shows its code by its word alone.
            proof::seen(Api::TransactionStatus, &code.to_string(), &error_text(code));
        }
    }
}

fn error(json: &Value) -> Option<(u16, String)> {
    if json["error_code"].is_null() {
        assert!(json["error_message"].is_null(), "{json}");
        return None;
    }
    let code = text(json, "error_code").parse().unwrap_or_else(|_| panic!("error_code of {json}"));
    Some((code, text(json, "error_message")))
}

/// What the Transaction Status list prints for an outcome.
fn error_text(code: u16) -> String {
    let found = TransactionStatusCode::for_outcome(code, "sms");
    found.unwrap_or_else(|| panic!("no record has {code}")).entry().message.to_owned()
}

/// `Mon, 16 Aug 2010 03:45:01 UTC`
fn assert_date(date: &str) {
    let shape: String = date
        .chars()
        .map(|c| match c {
            'a'..='z' => 'a',
            'A'..='Z' => 'A',
            '0'..='9' => '0',
            other => other,
        })
        .collect();
    assert_eq!(shape, "Aaa, 00 Aaa 0000 00:00:00 AAA", "{date}");
    assert!(date.ends_with(" UTC"), "{date}");
}
