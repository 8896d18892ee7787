//! Digest authentication (RFC 3261, 22; RFC 7616, RFC 8760): the answer to a 401 or 407.

use aws_lc_rs::digest::{SHA256, digest};
use md5::{Digest as _, Md5};

/// Who calls.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name of the account.
    pub username: String,
    /// Its password.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The hash a challenge wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Sha256,
}

/// A challenge that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    session: bool,
    qop: bool,
}

impl Challenge {
    /// The strongest challenge among the header values that can be answered.
    #[must_use]
    pub fn choose<'a>(values: impl Iterator<Item = &'a str>) -> Option<Self> {
        values.filter_map(Self::read).max_by_key(|challenge| challenge.algorithm)
    }

    fn read(value: &str) -> Option<Self> {
        let (scheme, rest) = value.split_once(char::is_whitespace)?;
        let fields = super::message::split_list(rest);
        let field = |name: &str| {
            fields.iter().find_map(|field| {
                let (key, value) = field.split_once('=')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
            })
        };
        let named = field("algorithm").unwrap_or_else(|| "MD5".to_owned()).to_ascii_uppercase();
        let (algorithm, session) = match named.as_str() {
            "MD5" => (Algorithm::Md5, false),
            "MD5-SESS" => (Algorithm::Md5, true),
            "SHA-256" => (Algorithm::Sha256, false),
            "SHA-256-SESS" => (Algorithm::Sha256, true),
            _ => return None,
        };
        let offered = field("qop");
        let qop = offered.as_deref().is_some_and(|all| all.split(',').any(|one| one.trim() == "auth"));
        // `auth-int` alone would sign the body, which nobody asks of a caller.
        let answerable = scheme.eq_ignore_ascii_case("Digest") && (qop || offered.is_none());
        let (realm, nonce) = (field("realm")?, field("nonce")?);
        let safe = |text: &str| !text.contains(['"', '\r', '\n', '\\']);
        let opaque = field("opaque");
        let clean = safe(&realm) && safe(&nonce) && opaque.as_deref().is_none_or(safe);
        (answerable && clean).then_some(Self { realm, nonce, opaque, algorithm, session, qop })
    }

    /// The value of `Authorization` or `Proxy-Authorization` for one request.
    #[must_use]
    pub fn answer(&self, who: &Credentials, method: &str, uri: &str, cnonce: &str, count: u32) -> String {
        let (hash, name) = match (self.algorithm, self.session) {
            (Algorithm::Md5, false) => (md5_hex as fn(&str) -> String, "MD5"),
            (Algorithm::Md5, true) => (md5_hex as fn(&str) -> String, "MD5-sess"),
            (Algorithm::Sha256, false) => (sha256_hex as fn(&str) -> String, "SHA-256"),
            (Algorithm::Sha256, true) => (sha256_hex as fn(&str) -> String, "SHA-256-sess"),
        };
        let Self { realm, nonce, .. } = self;
        let mut secret = hash(&format!("{}:{realm}:{}", who.username, who.password));
        if self.session {
            secret = hash(&format!("{secret}:{nonce}:{cnonce}"));
        }
        let request = hash(&format!("{method}:{uri}"));
        let response = if self.qop {
            hash(&format!("{secret}:{nonce}:{count:08x}:{cnonce}:auth:{request}"))
        } else {
            hash(&format!("{secret}:{nonce}:{request}"))
        };
        let mut value = format!(
            "Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={name}",
            who.username
        );
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque=\"{opaque}\""));
        }
        if self.qop {
            value.push_str(&format!(", qop=auth, nc={count:08x}, cnonce=\"{cnonce}\""));
        } else if self.session {
            value.push_str(&format!(", cnonce=\"{cnonce}\""));
        }
        value
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn md5_hex(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

fn sha256_hex(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mufasa() -> Credentials {
        Credentials { username: "Mufasa".into(), password: "Circle of Life".into() }
    }

    /// The worked examples of RFC 7616, 3.9.1: the same arithmetic, another method.
    #[test]
    fn the_answers_are_those_of_the_standard() {
        let challenge = |algorithm: &str| {
            format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        };
        let answer = |algorithm: &str| {
            let text = challenge(algorithm);
            let challenge = Challenge::choose([text.as_str()].into_iter()).unwrap();
            let who = Credentials { password: "Circle of Life".into(), ..mufasa() };
            challenge.answer(
                &who,
                "GET",
                "/dir/index.html",
                "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                1,
            )
        };
        assert!(answer("MD5").contains("response=\"8ca523f5e9506fed4657c9700eebdbec\""), "{}", answer("MD5"));
        let sha = answer("SHA-256");
        let expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert!(sha.contains(&format!("response=\"{expected}\"")), "{sha}");
        assert!(sha.contains("qop=auth, nc=00000001"), "{sha}");
    }

    #[test]
    fn the_strongest_challenge_that_can_be_answered_is_chosen() {
        let md5 = "Digest realm=\"a\", nonce=\"1\"";
        let sha = "Digest realm=\"b\", nonce=\"2\", algorithm=SHA-256, qop=\"auth\"";
        let unknown = "Digest realm=\"c\", nonce=\"3\", algorithm=SHA-512-256";
        let signed = "Digest realm=\"d\", nonce=\"4\", qop=\"auth-int\"";
        let chosen = |values: &[&str]| Challenge::choose(values.iter().copied()).map(|chosen| chosen.realm);
        assert_eq!(chosen(&[md5, sha, unknown]).as_deref(), Some("b"));
        assert_eq!(chosen(&[unknown, signed, "Basic realm=\"x\""]), None);
        assert_eq!(chosen(&[md5]).as_deref(), Some("a"));
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(format!("{:?}", mufasa()), "Credentials { username: \"Mufasa\", .. }");
    }
}
