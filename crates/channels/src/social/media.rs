//! Media on their way to a provider.

use bytes::Bytes;

/// What a file is to be used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A voice message.
    Voice,
    /// A film.
    Video,
    /// The small picture of a film.
    Thumb,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Image, Self::Voice, Self::Video, Self::Thumb];

    /// Its word, on the wire and in media ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Thumb => "thumb",
        }
    }

    /// From its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A file to upload.
#[derive(Clone, Debug)]
pub struct Media {
    /// What it is to be used as.
    pub kind: MediaKind,
    /// Its name, as the client gave it.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Media {
    /// The media type its first bytes show; what the client says of a file is not believed.
    #[must_use]
    pub fn sniffed(&self) -> Option<&'static str> {
        sniff(&self.bytes)
    }
}

/// The media type that the first bytes show.
fn sniff(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if starts(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if starts(b"GIF87a") || starts(b"GIF89a") {
        Some("image/gif")
    } else if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP".as_slice()) {
        Some("image/webp")
    } else if starts(b"#!AMR\n") || starts(b"#!AMR-WB\n") {
        Some("audio/amr")
    } else if bytes.get(4..8) == Some(b"ftyp".as_slice()) {
        Some("video/mp4")
    } else {
        None
    }
}

/// Why a file was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFault {
    /// The code of section 9.
    pub code: u16,
    /// Which rule, or the provider's words.
    pub detail: String,
    /// Whether the same may succeed later.
    pub may_pass: bool,
}

impl MediaFault {
    /// A rule of ours that the file breaks.
    #[must_use]
    pub fn rule(code: u16, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), may_pass: false }
    }
}

impl From<crate::connector::Handed> for MediaFault {
    /// What keeps a message from being handed over keeps a file from it.
    fn from(handed: crate::connector::Handed) -> Self {
        use crate::connector::Handed;
        match handed {
            Handed::Refused { code, detail, .. } => Self { code, detail, may_pass: false },
            Handed::Later { code, detail, .. } => Self { code, detail, may_pass: true },
            Handed::Taken { .. } | Handed::Calling { .. } | Handed::Full { .. } => {
                Self { code: 7200, detail: "no media id".to_owned(), may_pass: false }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_read_from_the_first_bytes() {
        let table: [(&[u8], Option<&str>); 9] = [
            (b"\xff\xd8\xff\xe0rest", Some("image/jpeg")),
            (b"\x89PNG\r\n\x1a\nrest", Some("image/png")),
            (b"GIF89arest", Some("image/gif")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"#!AMR\n\x3c", Some("audio/amr")),
            (b"\0\0\0\x18ftypmp42", Some("video/mp4")),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"<svg/>", None),
            (b"", None),
        ];
        for (bytes, expected) in table {
            assert_eq!(sniff(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn every_kind_is_found_by_its_word() {
        for kind in MediaKind::ALL {
            assert_eq!(MediaKind::parse(kind.word()), Some(kind));
        }
        assert_eq!(MediaKind::parse("audio"), None);
    }
}
