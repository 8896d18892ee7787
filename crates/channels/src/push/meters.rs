//! What is counted.

use metrics::counter;

use super::outcomes::Provider;
use crate::connector::Handed;

/// An attempt came to its end.
pub(super) fn attempt(provider: &'static str, handed: &Handed) {
    let result = match handed {
        Handed::Taken { .. } => "taken",
        Handed::Refused { .. } => "refused",
        Handed::Later { .. } => "later",
    };
    counter!("waypost_push_attempts_total", "provider" => provider, "result" => result).increment(1);
}

/// A token of ours was made or asked for.
pub(super) fn token(provider: Provider, is_fresh: bool) {
    let result = if is_fresh { "fresh" } else { "failed" };
    counter!("waypost_push_tokens_total", "provider" => provider.word(), "result" => result).increment(1);
}
