//! One call to a provider, and what comes of it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use url::Url;
use waypost_core::time::Micros;
use waypost_egress::{Egress, EgressError, Response};

use super::outcomes::{Meaning, Retry};
use crate::connector::Handed;

/// The provider's answers are short; a longer one is not read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Longest text of the provider that is kept.
const DETAIL_CHARS_MAX: usize = 300;
/// The provider cannot be reached.
const UNREACHABLE: u16 = 7307;
/// The account is set up wrongly.
const CONFIGURATION: u16 = 7114;

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// Its JSON; `Null` when it is none.
    pub json: Value,
    /// When the provider wants to be asked again.
    pub retry_after: Option<Micros>,
}

impl Answer {
    /// Whether the status is one of success.
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The text at a JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.json.pointer(pointer)?.as_str()
    }

    /// The integer at a JSON pointer.
    pub fn int(&self, pointer: &str) -> Option<i64> {
        self.json.pointer(pointer)?.as_i64()
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Self {
            status: response.status.as_u16(),
            json: serde_json::from_slice(&response.body).unwrap_or(Value::Null),
            headers: response.headers,
            retry_after: response.retry_after,
        }
    }
}

/// Calls the provider.
///
/// # Errors
/// What became of the message when there is no answer.
pub(crate) async fn call(
    egress: &Egress,
    method: Method,
    url: &Url,
    headers: HeaderMap,
    body: Bytes,
    deadline_ms: u64,
) -> Result<Answer, Handed> {
    let answer = egress.request(method, url, headers, body, deadline_ms, ANSWER_BYTES_MAX).await;
    answer.map(Answer::from).map_err(|error| egress_failure(&error))
}

/// What an exchange without an answer means. Whether a request that was cut off has been taken is not known; it is made
/// again, since losing a message is worse than sending it twice.
fn egress_failure(error: &EgressError) -> Handed {
    match error {
        EgressError::InvalidUrl(_) | EgressError::Refused { .. } => {
            Handed::Refused { code: CONFIGURATION, detail: short(&error.to_string()), address_is_dead: false }
        }
        EgressError::Resolve(_)
        | EgressError::Connect(_)
        | EgressError::Tls(_)
        | EgressError::Timeout { .. }
        | EgressError::Protocol(_)
        | EgressError::BodyTooLarge { .. } => Handed::Later {
            code: UNREACHABLE,
            detail: short(&error.to_string()),
            retry_after: None,
            failing: true,
        },
    }
}

/// What a refusal means for the message.
pub(crate) fn handed(meaning: Meaning, detail: &str, retry_after: Option<Micros>) -> Handed {
    let detail = short(detail);
    match meaning.retry {
        Retry::Never | Retry::Token => {
            Handed::Refused { code: meaning.code, detail, address_is_dead: meaning.dead }
        }
        Retry::Later => Handed::Later { code: meaning.code, detail, retry_after, failing: true },
        Retry::Throttle => Handed::Later { code: meaning.code, detail, retry_after, failing: false },
    }
}

fn short(text: &str) -> String {
    text.chars().take(DETAIL_CHARS_MAX).collect()
}
