//! Reading a body: its size, its time, its packing.

use std::io::Read as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::state::ReceiverSettings;

/// Why a body is not read. All are 4006 of the field `body`, or of the header named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFault {
    /// More bytes than allowed, packed or unpacked.
    TooLarge(usize),
    /// It took too long.
    TooSlow(u64),
    /// The connection ended within it.
    Cut,
    /// The packing is not gzip, or damaged.
    Packing,
    /// Not JSON by its own word.
    Type,
}

impl BodyFault {
    /// The HTTP status: of the list the contract gives, save for size and time.
    pub const fn http(self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Cut | Self::Packing | Self::Type => StatusCode::BAD_REQUEST,
        }
    }

    /// The field.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Packing => "Content-Encoding",
            Self::Type => "Content-Type",
            Self::TooLarge(_) | Self::TooSlow(_) | Self::Cut => "body",
        }
    }

    /// The rule.
    pub fn rule(self) -> String {
        match self {
            Self::TooLarge(max) => format!("at most {max} bytes, also unpacked"),
            Self::TooSlow(ms) => format!("received within {ms} ms"),
            Self::Cut => "received whole".to_owned(),
            Self::Packing => "gzip or none, and undamaged".to_owned(),
            Self::Type => "application/json".to_owned(),
        }
    }
}

/// Reads and unpacks the whole body.
pub(super) async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    settings: ReceiverSettings,
) -> Result<Bytes, BodyFault> {
    if !is_json(headers) {
        return Err(BodyFault::Type);
    }
    read_any(headers, body, settings).await
}

/// The same, whatever type the body says it is.
pub(super) async fn read_any(
    headers: &HeaderMap,
    body: &mut Body,
    settings: ReceiverSettings,
) -> Result<Bytes, BodyFault> {
    let packed = is_packed(headers)?;
    let max = settings.body_bytes_max;
    // An announced length is refused before a byte of it is read.
    if announced(headers).is_some_and(|bytes| bytes > max as u64) {
        return Err(BodyFault::TooLarge(max));
    }
    let whole = Limited::new(body, max).collect();
    let bytes = match tokio::time::timeout(Duration::from_millis(settings.body_ms_max), whole).await {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(BodyFault::TooLarge(max)),
        Ok(Err(_)) => return Err(BodyFault::Cut),
        Err(_) => return Err(BodyFault::TooSlow(settings.body_ms_max)),
    };
    if packed { unpack(&bytes, max) } else { Ok(bytes) }
}

/// Unpacks gzip up to a bound: a small body may hold a large one.
fn unpack(packed: &[u8], max: usize) -> Result<Bytes, BodyFault> {
    let mut plain = Vec::new();
    let mut reader = MultiGzDecoder::new(packed).take(max as u64 + 1);
    reader.read_to_end(&mut plain).map_err(|_| BodyFault::Packing)?;
    if plain.len() > max { Err(BodyFault::TooLarge(max)) } else { Ok(plain.into()) }
}

fn is_packed(headers: &HeaderMap) -> Result<bool, BodyFault> {
    let Some(given) = headers.get(CONTENT_ENCODING) else { return Ok(false) };
    match given.to_str().map(|text| text.trim().to_ascii_lowercase()).as_deref() {
        Ok("gzip" | "x-gzip") => Ok(true),
        Ok("identity" | "") => Ok(false),
        _ => Err(BodyFault::Packing),
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `application/json` in any letter case and with parameters, or no type at all.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(given) = headers.get(CONTENT_TYPE) else { return true };
    let Ok(given) = given.to_str() else { return false };
    given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// Most bytes of a refused body that are read for nothing.
const DISCARDED_BYTES_MAX: usize = 16 << 20;
/// Longest time that is spent on them.
const DISCARDED_MS_MAX: u64 = 1_000;

/// Reads what is left of a refused body and throws it away: a connection closed while the client still writes is reset,
/// and with it the answer may be lost.
pub(super) async fn discard(headers: &HeaderMap, body: &mut Body) {
    if headers.contains_key(EXPECT) {
        return;
    }
    let rest = async {
        let mut left = DISCARDED_BYTES_MAX;
        while left > 0
            && let Some(Ok(frame)) = body.frame().await
        {
            left = left.saturating_sub(frame.data_ref().map_or(1, Bytes::len));
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(DISCARDED_MS_MAX), rest).await;
}
