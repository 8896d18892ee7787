//! The proof: which catalogue entries were seen on the wire.

use waypost_status::proof::{observed, record_env};
use waypost_status::{Api, MessagingCode};

/// Notes the entry an answer or a record with this code and text was made from.
///
/// # Panics
/// When the catalogue has no such entry: no answer without a code.
pub fn seen(api: Api, code: &str, text: &str) {
    let number: i64 = code.parse().unwrap_or_else(|_| panic!("{code:?} is no code"));
    let key =
        observed(api, number, text).unwrap_or_else(|| panic!("the catalogue has no {api} {code} {text:?}"));
    record_env(&key).expect("the proof is writable");
}

/// Notes the entry of a delivery notification.
///
/// # Panics
/// When `text` is not what the Messaging list prints for the outcome.
pub fn notified(code: u16, text: &str) {
    notified_on("sms", code, text);
}

/// Notes the entry of a delivery notification of another channel.
///
/// # Panics
/// When `text` is not what the Messaging list prints for the outcome on this channel.
pub fn notified_on(channel: &str, code: u16, text: &str) {
    let entry = MessagingCode::for_outcome(code, channel)
        .unwrap_or_else(|| panic!("no notification has {code}"))
        .entry();
    assert_eq!(text, entry.message, "Description of {code}");
    record_env(&entry.key()).expect("the proof is writable");
}
