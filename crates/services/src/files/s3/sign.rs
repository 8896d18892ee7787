//! Signatures of requests to an S3 store: AWS Signature Version 4 in the `Authorization` header.

use aws_lc_rs::{digest, hmac};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use waypost_core::time::Micros;

/// The SHA-256 of nothing.
pub(super) const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Who signs.
#[derive(Clone)]
pub(super) struct Signer {
    pub region: String,
    pub key_id: String,
    pub secret: String,
}

/// What is signed. Path and host are as they are sent; names of headers are in lower case.
pub(super) struct Signed<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub headers: Vec<(&'a str, String)>,
    pub content_hash: &'a str,
}

impl Signer {
    /// Every header the request must carry: those of `signed`, the date, the hash of the content and the signature.
    pub fn sign(&self, mut signed: Signed<'_>, now: Micros) -> Vec<(String, String)> {
        let at = stamp(now);
        let day = at.split('T').next().unwrap_or_default();
        signed.headers.push(("x-amz-content-sha256", signed.content_hash.to_owned()));
        signed.headers.push(("x-amz-date", at.clone()));
        signed.headers.sort_unstable();
        let names = signed.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{at}\n{scope}\n{}",
            hex(digest::digest(&digest::SHA256, canonical(&signed, &names).as_bytes()).as_ref())
        );
        let signature = hex(hmac(&self.key(day), &to_sign).as_ref());
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={signature}",
            self.key_id
        );
        let mut headers: Vec<_> =
            signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        headers.push(("authorization".to_owned(), authorization));
        headers
    }

    /// The key of one day, region and service.
    fn key(&self, day: &str) -> Vec<u8> {
        let first = format!("AWS4{}", self.secret).into_bytes();
        [day, &self.region, "s3", "aws4_request"]
            .iter()
            .fold(first, |key, part| hmac(&key, part).as_ref().to_vec())
    }
}

fn canonical(signed: &Signed<'_>, names: &str) -> String {
    let headers: String =
        signed.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    format!("{}\n{}\n\n{headers}\n{names}\n{}", signed.method, signed.path, signed.content_hash)
}

fn hmac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `20130524T000000Z`; the epoch for a time outside of the calendar.
fn stamp(now: Micros) -> String {
    let at = Timestamp::from_microsecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2013-05-24T00:00:00Z, of the published examples.
    const AT: Micros = Micros::from_secs(1_369_353_600);

    fn signer() -> Signer {
        Signer {
            region: "us-east-1".to_owned(),
            key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        }
    }

    fn signature(signed: Signed<'_>) -> String {
        let headers = signer().sign(signed, AT);
        let (_, value) = headers.last().unwrap();
        value.split("Signature=").nth(1).unwrap().to_owned()
    }

    #[test]
    fn the_published_example_of_a_get_has_its_published_signature() {
        let signed = Signed {
            method: "GET",
            path: "/test.txt",
            headers: vec![
                ("host", "examplebucket.s3.amazonaws.com".to_owned()),
                ("range", "bytes=0-9".to_owned()),
            ],
            content_hash: EMPTY_HASH,
        };
        assert_eq!(signature(signed), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    }

    #[test]
    fn the_published_example_of_a_put_has_its_published_signature() {
        let signed = Signed {
            method: "PUT",
            path: "/test%24file.text",
            headers: vec![
                ("date", "Fri, 24 May 2013 00:00:00 GMT".to_owned()),
                ("host", "examplebucket.s3.amazonaws.com".to_owned()),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY".to_owned()),
            ],
            content_hash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        };
        assert_eq!(signature(signed), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    }
}
