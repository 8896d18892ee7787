//! Short links: each message has its own, made from its id when it leaves and read back when somebody follows it. Nothing
//! is stored for a link that nobody follows.
//!
//! The code in a link is the message's id, the link's place in the request and a keyed check over both, so that nobody can
//! make one up or count through them; where it leads is what the operator stored, never what the address says.

use std::sync::Arc;

use aws_lc_rs::{constant_time, hmac};
use serde::{Deserialize, Serialize};
use waypost_core::id::MessageId;

/// The path under which short links are served.
pub const LINK_PATH: &str = "/l/{code}";
/// Bits of a link's place in its request: at most 50 links.
const PLACE_BITS: u32 = 6;
/// Bytes of the check.
const CHECK_BYTES: usize = 5;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A smart link of an accepted message. Field names are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLink {
    /// Its row, the `linkid`.
    pub link: i64,
    /// How long after acceptance it leads on, in minutes; absent: as the link itself says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// Makes and reads the codes of short links.
#[derive(Clone)]
pub struct LinkCodes {
    base_url: Arc<str>,
    key: Arc<hmac::Key>,
}

impl std::fmt::Debug for LinkCodes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("LinkCodes").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl LinkCodes {
    /// Links under `base_url` (scheme and host, without a slash at the end), checked with `key`.
    #[must_use]
    pub fn new(base_url: &str, key: &[u8; 32]) -> Self {
        let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key));
        Self { base_url: base_url.trim_end_matches('/').into(), key }
    }

    /// The short link to the link at `place` of a message's request.
    #[must_use]
    pub fn url(&self, message: MessageId, place: usize) -> String {
        let id = u128::from(message.0.unsigned_abs());
        let subject = (id << PLACE_BITS) | (place as u128 & ((1 << PLACE_BITS) - 1));
        let mut value = (subject << (8 * CHECK_BYTES)) | self.check(subject);
        let mut digits = Vec::with_capacity(20);
        while value > 0 {
            digits.push(DIGITS[(value % 62) as usize]);
            value /= 62;
        }
        digits.reverse();
        let code = String::from_utf8(digits).unwrap_or_default();
        format!("{}/l/{code}", self.base_url)
    }

    /// The message and the place a code stands for; `None` when we have not made it.
    #[must_use]
    pub fn read(&self, code: &str) -> Option<(MessageId, usize)> {
        if code.is_empty() || code.len() > 20 {
            return None;
        }
        let mut value = 0_u128;
        for byte in code.bytes() {
            let digit = DIGITS.iter().position(|known| *known == byte)?;
            value = value.checked_mul(62)?.checked_add(digit as u128)?;
        }
        let (subject, check) = (value >> (8 * CHECK_BYTES), value & ((1 << (8 * CHECK_BYTES)) - 1));
        let expected = self.check(subject).to_be_bytes();
        constant_time::verify_slices_are_equal(&expected, &check.to_be_bytes()).ok()?;
        let id = i64::try_from(subject >> PLACE_BITS).ok()?;
        Some((MessageId(id), usize::try_from(subject & ((1 << PLACE_BITS) - 1)).ok()?))
    }

    fn check(&self, subject: u128) -> u128 {
        let tag = hmac::sign(&self.key, &subject.to_be_bytes());
        tag.as_ref().iter().take(CHECK_BYTES).fold(0, |check, byte| (check << 8) | u128::from(*byte))
    }

    /// Puts the message's own links in place of `{{link_<linkid>}}`.
    #[must_use]
    pub fn fill(&self, text: &str, message: MessageId, links: &[StoredLink]) -> String {
        let mut filled = text.to_owned();
        for (place, link) in links.iter().enumerate() {
            let placeholder = format!("{{{{link_{}}}}}", link.link);
            if filled.contains(&placeholder) {
                filled = filled.replace(&placeholder, &self.url(message, place));
            }
        }
        filled
    }

    /// The same in every text of a block.
    pub fn fill_block(&self, block: &mut serde_json::Value, message: MessageId, links: &[StoredLink]) {
        use serde_json::Value;
        match block {
            Value::String(text) if text.contains("{{") => *text = self.fill(text, message, links),
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.fill_block(item, message, links));
            }
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.fill_block(member, message, links));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> LinkCodes {
        LinkCodes::new("https://go.example/", &[7; 32])
    }

    #[test]
    fn a_code_leads_back_to_its_message_and_link_and_no_other_code_leads_anywhere() {
        let message = MessageId(1_234_567_890_123_456_789);
        for place in [0, 49] {
            let url = codes().url(message, place);
            let code = url.strip_prefix("https://go.example/l/").unwrap();
            assert!(code.len() <= 20, "{code}");
            assert_eq!(codes().read(code), Some((message, place)));
            let other = LinkCodes::new("https://go.example", &[8; 32]);
            assert_eq!(other.read(code), None);
            let mut bytes = code.as_bytes().to_vec();
            bytes[0] = if bytes[0] == b'1' { b'2' } else { b'1' };
            assert_eq!(codes().read(std::str::from_utf8(&bytes).unwrap()), None);
        }
        for code in ["", "!", "0", "zzzzzzzzzzzzzzzzzzzzz", "é"] {
            assert_eq!(codes().read(code), None, "{code}");
        }
    }

    #[test]
    fn each_message_gets_a_link_of_its_own_in_place_of_the_placeholder() {
        let links = [StoredLink { link: 5, minutes: None }, StoredLink { link: 6, minutes: Some(30) }];
        let text = "a {{link_6}} b {{link_7}}";
        let one = codes().fill(text, MessageId(1), &links);
        assert_eq!(one, format!("a {} b {{{{link_7}}}}", codes().url(MessageId(1), 1)));
        assert_ne!(one, codes().fill(text, MessageId(2), &links));
    }
}
