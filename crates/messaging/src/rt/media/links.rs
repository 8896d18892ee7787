//! Signed links: `{base}/rtmsAPI/media/{id}?expires={seconds}&signature={hex}`. The signature is over id and end, so that
//! neither can be changed.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::{constant_time, hmac};
use waypost_core::time::Micros;

/// Where links lead, under the server's own address.
pub const MEDIA_PATH: &str = "/rtmsAPI/media/{mediaid}";
/// What stands before the id.
const BEFORE: &str = "/rtmsAPI/media/";

/// Why a link leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// It was not made here.
    Forged,
    /// It was, and has ended.
    Ended,
}

/// Makes and reads links.
#[derive(Clone)]
pub struct MediaLinks {
    base_url: Arc<str>,
    key: Arc<hmac::Key>,
    minutes: u32,
}

impl std::fmt::Debug for MediaLinks {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("MediaLinks").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl MediaLinks {
    /// Links under `base_url` (scheme and host), signed with `key`, good for so many minutes.
    #[must_use]
    pub fn new(base_url: &str, key: &[u8; 32], minutes: u32) -> Self {
        let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key));
        Self { base_url: base_url.trim_end_matches('/').into(), key, minutes }
    }

    /// A link to a file, from now on.
    #[must_use]
    pub fn sign(&self, media_id: &str, now: Micros) -> String {
        let expires = now.as_secs() + i64::from(self.minutes) * 60;
        let signature = self.signature(media_id, expires);
        format!("{}{BEFORE}{media_id}?expires={expires}&signature={signature}", self.base_url)
    }

    /// Whether a text begins like a link of ours.
    #[must_use]
    pub fn is_ours(&self, url: &str) -> bool {
        url.strip_prefix(&*self.base_url).is_some_and(|rest| rest.starts_with(BEFORE))
    }

    /// The file a link of ours is of, also after its end: who has it may ask for another.
    #[must_use]
    pub fn read(&self, url: &str) -> Option<String> {
        let url = url::Url::parse(url).ok()?;
        let id = url.path().strip_prefix(BEFORE)?;
        let member = |name: &str| url.query_pairs().find(|(given, _)| given == name).map(|(_, value)| value);
        let expires = member("expires")?.parse().ok()?;
        self.is_signed(id, expires, &member("signature")?).then(|| id.to_owned())
    }

    /// Checks the members of a link that somebody follows.
    ///
    /// # Errors
    /// [`LinkFault`].
    pub fn check(
        &self,
        media_id: &str,
        expires: &str,
        signature: &str,
        now: Micros,
    ) -> Result<(), LinkFault> {
        let expires = expires.parse().map_err(|_| LinkFault::Forged)?;
        if !self.is_signed(media_id, expires, signature) {
            return Err(LinkFault::Forged);
        }
        if expires <= now.as_secs() { Err(LinkFault::Ended) } else { Ok(()) }
    }

    fn is_signed(&self, media_id: &str, expires: i64, signature: &str) -> bool {
        let expected = self.signature(media_id, expires);
        constant_time::verify_slices_are_equal(expected.as_bytes(), signature.as_bytes()).is_ok()
    }

    fn signature(&self, media_id: &str, expires: i64) -> String {
        let tag = hmac::sign(&self.key, format!("{media_id}\n{expires}").as_bytes());
        let mut text = String::with_capacity(64);
        for byte in tag.as_ref() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_secs(1_790_000_000);

    fn parts(link: &str) -> (String, String, String) {
        let url = url::Url::parse(link).unwrap();
        let member = |name: &str| url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
        (url.path().rsplit('/').next().unwrap().to_owned(), member("expires"), member("signature"))
    }

    #[test]
    fn a_link_is_good_for_its_file_until_its_end_and_nothing_of_it_can_be_changed() {
        let links = MediaLinks::new("https://chat.example/", &[7; 32], 10);
        let link = links.sign("a1", NOW);
        let (id, expires, signature) = parts(&link);
        assert_eq!((id.as_str(), expires.as_str()), ("a1", "1790000600"));
        assert!(link.starts_with("https://chat.example/rtmsAPI/media/a1?") && links.is_ours(&link));
        let check = |id: &str, expires: &str, signature: &str, now| links.check(id, expires, signature, now);
        assert_eq!(check("a1", &expires, &signature, NOW.add_ms(599_999)), Ok(()));
        assert_eq!(check("a1", &expires, &signature, NOW.add_ms(600_000)), Err(LinkFault::Ended));
        for (id, expires, signature) in [
            ("a2", expires.as_str(), signature.as_str()),
            ("a1", "1790000601", &signature),
            ("a1", "x", &signature),
            ("a1", &expires, ""),
            ("a1", &expires, &signature[1..]),
        ] {
            assert_eq!(check(id, expires, signature, NOW), Err(LinkFault::Forged));
        }
        let other = MediaLinks::new("https://chat.example", &[8; 32], 10);
        assert_eq!(other.check("a1", &expires, &signature, NOW), Err(LinkFault::Forged));
        assert_eq!((links.read(&link).as_deref(), other.read(&link)), (Some("a1"), None));
        assert_eq!(links.read("https://chat.example/rtmsAPI/media/a1"), None);
    }
}
