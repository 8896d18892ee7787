//! What the call-back dispatcher carries, and how it is made and remade.

use std::sync::Arc;

use bytes::Bytes;
use url::Url;
use waypost_core::id::MessageId;
use waypost_core::outcome::{DeliveryStatus, Outcome};
use waypost_core::time::Micros;
use waypost_store::directory::Service;

use super::notification::{self, Subject};

/// One call-back, ready to post.
#[derive(Clone, Debug)]
pub struct CallbackItem {
    /// The message it tells of; `None` for an inbound message.
    pub message: Option<MessageId>,
    /// The service whose secret signs it.
    pub service: i64,
    /// Where it goes; `Err` tells what is wrong with the URL.
    pub url: Result<Arc<Url>, String>,
    /// The JSON body.
    pub body: Bytes,
}

/// The work row's payload: enough to make the same body again after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A delivery notification: code, status word and time; the subject is the message id.
    Delivery {
        /// The outcome.
        outcome: Outcome,
        /// When it was reached.
        at: Micros,
        /// Parts of the message then.
        parts: u16,
        /// Which of its addresses it is about; none when it is about the message.
        part: Option<u8>,
    },
    /// An inbound message; the subject is its id.
    Inbound,
    /// What a user of a social channel said; the subject is its id.
    SocialInbound,
}

impl Payload {
    /// The stored form.
    #[must_use]
    pub fn to_text(self) -> String {
        match self {
            Self::Delivery { outcome, at, parts, part } => {
                let part = part.map(|part| format!(" {part}")).unwrap_or_default();
                format!("d {} {} {} {parts}{part}", outcome.code, outcome.status as u8, at.0)
            }
            Self::Inbound => "m".to_owned(),
            Self::SocialInbound => "s".to_owned(),
        }
    }

    /// From the stored form; `None` when it is not one of ours.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        match words.next()? {
            "m" => Some(Self::Inbound),
            "s" => Some(Self::SocialInbound),
            "d" => {
                let code = words.next()?.parse().ok()?;
                let status = status_from(words.next()?.parse().ok()?)?;
                let at = Micros(words.next()?.parse().ok()?);
                let parts = words.next()?.parse().ok()?;
                let part = match words.next() {
                    Some(part) => Some(part.parse().ok()?),
                    None => None,
                };
                Some(Self::Delivery { outcome: Outcome { code, status }, at, parts, part })
            }
            _ => None,
        }
    }
}

fn status_from(number: u8) -> Option<DeliveryStatus> {
    DeliveryStatus::ALL.into_iter().find(|status| *status as u8 == number)
}

/// The item of a delivery notification; `None` when the service wants none of this kind or has nowhere to send it.
#[must_use]
pub fn delivery(
    service: &Service,
    subject: &Subject<'_>,
    outcome: &Outcome,
    at: Micros,
    zone: &waypost_core::time::Zone,
) -> Option<CallbackItem> {
    if service.notify_types & notification::notify_bit(outcome.status) == 0 {
        return None;
    }
    let url = subject.request.notify_url.as_deref().or(service.notify_url.as_deref())?;
    Some(CallbackItem {
        message: Some(subject.message.id),
        service: service.id,
        url: parse_url(url),
        body: Bytes::from(notification::delivery(subject, outcome, at, zone)),
    })
}

/// A blank around the URL makes it invalid (spec 3.1 `notifyurl`), where the parser alone would strip it.
pub fn parse_url(text: &str) -> Result<Arc<Url>, String> {
    if text.trim() != text {
        return Err("the URL has blanks around it".to_owned());
    }
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(Arc::new(url)),
        scheme => Err(format!("a call-back URL is http or https with a host, not {scheme}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_survives_its_stored_form() {
        for status in DeliveryStatus::ALL {
            let outcome = Outcome { code: 7204, status };
            for part in [None, Some(0), Some(255)] {
                let payload =
                    Payload::Delivery { outcome, at: Micros(1_700_000_000_000_123), parts: 3, part };
                assert_eq!(Payload::from_text(&payload.to_text()), Some(payload));
            }
        }
        for payload in [Payload::Inbound, Payload::SocialInbound] {
            assert_eq!(Payload::from_text(&payload.to_text()), Some(payload));
        }
    }

    #[test]
    fn a_stored_payload_of_another_shape_is_refused() {
        for text in ["", "x", "d", "d 1", "d 7500 99 1 1", "d 7500 0 x 1", "d 70000 0 1 1", "d 7500 0 1 1 x"]
        {
            assert_eq!(Payload::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn a_url_with_blanks_another_scheme_or_no_host_is_refused() {
        for bad in
            [" http://x.example/", "http://x.example/ ", "ftp://x.example/", "mailto:a@x.example", "x", ""]
        {
            assert!(parse_url(bad).is_err(), "{bad}");
        }
        assert!(parse_url("https://x.example/dlr?a=b").is_ok());
    }
}
