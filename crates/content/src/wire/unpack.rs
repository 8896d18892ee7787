//! Answers of partners, which may be packed with gzip (spec 2.1).

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The text of an answer.
///
/// # Errors
/// Why it cannot be read: another packing, damaged, more than `bytes_max` unpacked, or no UTF-8.
pub fn unpack(headers: &HeaderMap, body: &[u8], bytes_max: usize) -> Result<String, String> {
    let encoding =
        headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let plain = match encoding.as_deref() {
        None | Some("" | "identity") => body.to_vec(),
        Some("gzip" | "x-gzip") => {
            let mut plain = Vec::new();
            let mut reader = MultiGzDecoder::new(body).take(bytes_max as u64 + 1);
            reader
                .read_to_end(&mut plain)
                .map_err(|error| format!("the answer's gzip is damaged: {error}"))?;
            plain
        }
        Some(other) => return Err(format!("the answer is packed with {other}")),
    };
    if plain.len() > bytes_max {
        return Err(format!("the answer is longer than {bytes_max} bytes"));
    }
    String::from_utf8(plain).map_err(|_| "the answer is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn headers(encoding: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, http::HeaderValue::from_static(encoding));
        headers
    }

    #[test]
    fn gzip_is_unpacked_up_to_a_bound_and_anything_else_is_told() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&[b'x'; 1_000]).unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(unpack(&headers("GZIP"), &packed, 1_000), Ok("x".repeat(1_000)));
        assert_eq!(
            unpack(&headers("gzip"), &packed, 999),
            Err("the answer is longer than 999 bytes".to_owned())
        );
        assert!(unpack(&headers("gzip"), b"plain", 999).unwrap_err().contains("damaged"));
        assert_eq!(unpack(&headers("br"), b"", 9), Err("the answer is packed with br".to_owned()));
        assert_eq!(unpack(&HeaderMap::new(), b"plain", 9), Ok("plain".to_owned()));
        assert_eq!(unpack(&HeaderMap::new(), b"\xff", 9), Err("the answer is not UTF-8".to_owned()));
    }
}
