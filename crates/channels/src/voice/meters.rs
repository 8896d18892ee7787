//! What is counted.

use metrics::{counter, gauge};

/// A call was offered to the trunk: `placed`, `refused`, `failed`, `full`.
pub(super) fn offered(trunk: &str, result: &'static str) {
    counter!("waypost_voice_calls_total", "trunk" => trunk.to_owned(), "result" => result).increment(1);
}

/// How a placed call ended.
pub(super) fn ended(trunk: &str, code: u16) {
    counter!("waypost_voice_ends_total", "trunk" => trunk.to_owned(), "code" => code.to_string())
        .increment(1);
}

/// A call came in and was refused.
pub(super) fn inbound_refused(trunk: &str) {
    counter!("waypost_voice_inbound_refused_total", "trunk" => trunk.to_owned()).increment(1);
}

/// Calls under way.
pub(super) fn running(trunk: &str, calls: usize) {
    gauge!("waypost_voice_calls_running", "trunk" => trunk.to_owned()).set(calls as f64);
}

/// Whether the far side answers.
pub(super) fn up(trunk: &str, is_up: bool) {
    gauge!("waypost_voice_trunk_up", "trunk" => trunk.to_owned()).set(if is_up { 1.0 } else { 0.0 });
}
