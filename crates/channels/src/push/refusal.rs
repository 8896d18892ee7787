//! Outcomes, made shortly.

use waypost_egress::{EgressError, Response};

use super::outcomes::{Outcome, Outcomes, Provider, Refusal, Retry};
use crate::connector::Handed;

/// Characters of a provider's words that are kept.
const DETAIL_CHARS_MAX: usize = 300;

/// Refused for good, by us.
pub(super) fn refused(code: u16, detail: impl Into<String>) -> Handed {
    Handed::Refused { code, detail: detail.into(), address_is_dead: false }
}

/// No answer came: the address is not to be spoken to, or the provider is at fault.
pub(super) fn unanswered(error: &EgressError, code: u16) -> Handed {
    match error {
        EgressError::InvalidUrl(_) | EgressError::Refused { .. } => refused(7114, error.to_string()),
        _ => Handed::Later { code, detail: error.to_string(), retry_after: None, failing: true },
    }
}

/// What an answer that is no success means.
pub(super) fn outcome(provider: Provider, http: u16, error: &str, text: &str) -> Outcome {
    Outcomes::built_in().of(provider, &Refusal { http, error, text })
}

/// The same as an end of the attempt.
pub(super) fn ended(outcome: Outcome, answer: &Response, error: &str, text: &str) -> Handed {
    let detail = detail(answer.status.as_u16(), error, text);
    match outcome.retry {
        Retry::Never => Handed::Refused { code: outcome.code, detail, address_is_dead: outcome.is_dead },
        Retry::Later => Handed::Later {
            code: outcome.code,
            detail,
            retry_after: answer.retry_after,
            failing: outcome.is_failing,
        },
    }
}

/// The provider's words, bounded, without control characters.
fn detail(http: u16, error: &str, text: &str) -> String {
    let words = [error, text].into_iter().filter(|words| !words.is_empty());
    let said = words.collect::<Vec<_>>().join(": ");
    let said: String = said.chars().filter(|c| !c.is_control()).take(DETAIL_CHARS_MAX).collect();
    if said.is_empty() { format!("HTTP {http}") } else { said }
}
