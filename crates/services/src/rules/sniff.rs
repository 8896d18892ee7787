//! What a content is by its first bytes, whatever its name says.

/// Bytes that are looked at.
pub const SNIFFED_BYTES: usize = 512;

const SIGNATURES: &[(&[u8], &str)] = &[
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
];

/// The type of a content; `application/octet-stream` when nothing is known of it.
#[must_use]
pub fn content_type(start: &[u8]) -> &'static str {
    if let Some((_, found)) = SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature)) {
        return found;
    }
    if start.get(..4) == Some(b"RIFF".as_slice()) && start.get(8..12) == Some(b"WEBP".as_slice()) {
        return "image/webp";
    }
    let start = start.get(..SNIFFED_BYTES).unwrap_or(start);
    let is_text = !start.is_empty()
        && start.iter().all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c));
    if is_text { "text/plain; charset=utf-8" } else { "application/octet-stream" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_known_by_its_first_bytes() {
        for (start, expected) in [
            (b"%PDF-1.7".as_slice(), "application/pdf"),
            (b"\x89PNG\r\n\x1a\n..", "image/png"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", "application/octet-stream"),
            (b"plain text\r\n", "text/plain; charset=utf-8"),
            (b"\0\x01\x02", "application/octet-stream"),
            (b"", "application/octet-stream"),
        ] {
            assert_eq!(content_type(start), expected, "{start:?}");
        }
    }
}
