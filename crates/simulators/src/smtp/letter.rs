//! A letter as it was taken.

/// A letter, with its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenLetter {
    /// The envelope's sender.
    pub sender: String,
    /// The envelope's recipients.
    pub recipients: Vec<String>,
    /// Who had authenticated.
    pub user: Option<String>,
    /// Whether it came over TLS.
    pub is_encrypted: bool,
    /// Headers and body, lines ended by CRLF.
    pub text: String,
}

impl TakenLetter {
    /// The headers, unfolded, in their order.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        headers(&self.text)
    }

    /// The first header of this name, unfolded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers().into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// What stands behind the headers, as it came.
    #[must_use]
    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

pub(super) fn headers(text: &str) -> Vec<(String, String)> {
    let head = text.split_once("\r\n\r\n").map_or(text, |(head, _)| head);
    let mut found: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (line.starts_with([' ', '\t']), found.last_mut()) {
            (true, Some((_, value))) => *value = format!("{value} {}", line.trim()),
            _ => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                found.push((name.to_owned(), value.trim().to_owned()));
            }
        }
    }
    found
}
