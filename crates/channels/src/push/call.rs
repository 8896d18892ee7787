//! What one attempt works with.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::time::Instant;
use url::Url;
use waypost_core::time::{Clock, Micros};
use waypost_egress::{Egress, EgressError, Response};

use super::random::Randomness;

/// Bytes of a provider's answer that are read.
const ANSWER_BYTES_MAX: usize = 65_536;

/// What every attempt shares.
pub(super) struct Tools {
    pub(super) egress: Egress,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Randomness>,
}

/// One attempt: the tools, and until when.
pub(super) struct Call<'a> {
    pub(super) tools: &'a Tools,
    pub(super) until: Instant,
}

impl<'a> Call<'a> {
    pub(super) fn new(tools: &'a Tools, deadline_ms: u64) -> Self {
        Self { tools, until: Instant::now() + Duration::from_millis(deadline_ms) }
    }

    pub(super) fn now(&self) -> Micros {
        self.tools.clock.now()
    }

    /// Posts over HTTP/2.
    pub(super) async fn post_h2(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response, EgressError> {
        let egress = &self.tools.egress;
        let sent = egress.request_h2(Method::POST, url, headers, body, self.left_ms(), ANSWER_BYTES_MAX);
        by_status(sent.await)
    }

    /// Posts over HTTP/1.1.
    pub(super) async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response, EgressError> {
        by_status(self.tools.egress.post(url, headers, body, self.left_ms(), ANSWER_BYTES_MAX).await)
    }

    fn left_ms(&self) -> u64 {
        let left = self.until.saturating_duration_since(Instant::now()).as_millis();
        u64::try_from(left).unwrap_or(u64::MAX).max(1)
    }
}

/// An answer too long to be read still has a status, which may be all that is needed.
fn by_status(sent: Result<Response, EgressError>) -> Result<Response, EgressError> {
    match sent {
        Err(EgressError::BodyTooLarge { status, .. }) => {
            Ok(Response { status, headers: HeaderMap::new(), body: Bytes::new(), retry_after: None })
        }
        other => other,
    }
}

/// Headers of these pairs; `None` when a value cannot be sent.
pub(super) fn headers(pairs: &[(&'static str, &str)]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).ok()?);
    }
    Some(headers)
}
