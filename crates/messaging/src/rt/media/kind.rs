//! What a file is, by its first bytes: what a client calls it is a hint that must not contradict them.

/// A type of media that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaType {
    /// The MIME type it is given out as.
    pub mime: &'static str,
    /// Whether a browser may show it in its place; others are saved.
    pub inline: bool,
}

const fn shown(mime: &'static str) -> MediaType {
    MediaType { mime, inline: true }
}

const fn saved(mime: &'static str) -> MediaType {
    MediaType { mime, inline: false }
}

/// First bytes and what they are of.
const MAGIC: [(&[u8], MediaType); 12] = [
    (b"\x89PNG\r\n\x1a\n", shown("image/png")),
    (b"\xff\xd8\xff", shown("image/jpeg")),
    (b"GIF87a", shown("image/gif")),
    (b"GIF89a", shown("image/gif")),
    (b"ID3", shown("audio/mpeg")),
    (b"\xff\xfb", shown("audio/mpeg")),
    (b"\xff\xf1", shown("audio/aac")),
    (b"OggS", shown("audio/ogg")),
    (b"#!AMR", shown("audio/amr")),
    (b"\x1a\x45\xdf\xa3", shown("video/webm")),
    (b"%PDF-", saved("application/pdf")),
    (b"PK\x03\x04", saved("application/zip")),
];

impl MediaType {
    /// By the first bytes; `None` for what is not taken.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if let Some((_, kind)) = MAGIC.iter().find(|(start, _)| bytes.starts_with(start)) {
            return Some(*kind);
        }
        match (bytes.get(..4), bytes.get(4..8), bytes.get(8..12)) {
            (Some(b"RIFF"), _, Some(b"WEBP")) => Some(shown("image/webp")),
            (Some(b"RIFF"), _, Some(b"WAVE")) => Some(shown("audio/wav")),
            (_, Some(b"ftyp"), Some(b"M4A ")) => Some(shown("audio/mp4")),
            (_, Some(b"ftyp"), Some(brand)) if brand.starts_with(b"3gp") => Some(shown("video/3gpp")),
            (_, Some(b"ftyp"), Some(_)) => Some(shown("video/mp4")),
            _ => None,
        }
    }

    /// By the MIME type it was stored with.
    #[must_use]
    pub fn stored(mime: &str) -> Self {
        let others = [
            shown("image/webp"),
            shown("audio/wav"),
            shown("audio/mp4"),
            shown("video/3gpp"),
            shown("video/mp4"),
        ];
        let known = MAGIC.iter().map(|(_, kind)| *kind).chain(others).find(|kind| kind.mime == mime);
        known.unwrap_or(saved("application/octet-stream"))
    }

    /// Whether a client may call it so: its MIME type, the word before the slash, or `file` for whatever it is.
    #[must_use]
    pub fn may_be_called(self, word: &str) -> bool {
        let word = word.trim().to_ascii_lowercase();
        let major = |mime: &str| mime.split('/').next().unwrap_or_default().to_owned();
        match word.as_str() {
            "" | "file" | "document" | "application/octet-stream" => true,
            word => major(word) == major(self.mime),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (bytes, mime) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0....", Some("image/jpeg")),
            (b"RIFF....WEBPVP8 ", Some("image/webp")),
            (b"RIFF....WAVEfmt ", Some("audio/wav")),
            (b"\0\0\0\x18ftypmp42....", Some("video/mp4")),
            (b"\0\0\0\x18ftypM4A ....", Some("audio/mp4")),
            (b"\0\0\0\x18ftyp3gp5....", Some("video/3gpp")),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"<svg xmlns=", None),
            (b"<!doctype html>", None),
            (b"MZ\x90\0", None),
            (b"", None),
            (b"RIFF", None),
        ] {
            assert_eq!(MediaType::sniff(bytes).map(|kind| kind.mime), mime, "{bytes:?}");
        }
        assert_eq!(MediaType::stored("video/3gpp"), shown("video/3gpp"));
        assert_eq!(MediaType::stored("text/html"), saved("application/octet-stream"));
    }

    #[test]
    fn a_client_may_call_it_by_its_kind_and_not_by_another() {
        let png = shown("image/png");
        for word in ["", "image", "image/png", "IMAGE/JPEG", "file", "application/octet-stream"] {
            assert!(png.may_be_called(word), "{word}");
        }
        for word in ["video", "audio/mpeg", "text/html", "x"] {
            assert!(!png.may_be_called(word), "{word}");
        }
    }
}
