//! A SIP message (RFC 3261, 7): start line, headers in order, body.

use std::fmt::Write as _;

/// The version every start line names.
pub(super) const VERSION: &str = "SIP/2.0";

/// What the first line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// A request.
    Request {
        /// Its method, as it was written: methods are case-sensitive.
        method: String,
        /// Whom it is for.
        uri: String,
    },
    /// A response.
    Response {
        /// 100 to 699.
        status: u16,
        /// The words beside it.
        reason: String,
    },
}

/// A message. Header names are in their canonical long form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The first line.
    pub start: Start,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body; `Content-Length` is written from it.
    pub body: Vec<u8>,
}

impl Message {
    /// A request without headers.
    #[must_use]
    pub fn request(method: &str, uri: &str) -> Self {
        let start = Start::Request { method: method.to_owned(), uri: uri.to_owned() };
        Self { start, headers: Vec::new(), body: Vec::new() }
    }

    /// The response to `request` with the headers that every response repeats (RFC 3261, 8.2.6.2).
    #[must_use]
    pub fn response(request: &Self, status: u16, reason: &str) -> Self {
        const REPEATED: [&str; 6] = ["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"];
        let headers = request.headers.iter().filter(|(name, _)| REPEATED.contains(&name.as_str()));
        let start = Start::Response { status, reason: reason.to_owned() };
        Self { start, headers: headers.cloned().collect(), body: Vec::new() }
    }

    /// The same with one header more, after the others.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with a body of this type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.with("Content-Type", content_type)
    }

    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The headers of this name, in order, as they were written.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).map(|(_, value)| value.as_str())
    }

    /// Puts `value` in the place of the first header of this name, or after the others.
    pub fn set(&mut self, name: &str, value: String) {
        match self.headers.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value,
            None => self.headers.push((name.to_owned(), value)),
        }
    }

    /// The method of a request.
    #[must_use]
    pub fn method(&self) -> Option<&str> {
        match &self.start {
            Start::Request { method, .. } => Some(method),
            Start::Response { .. } => None,
        }
    }

    /// The status of a response.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match &self.start {
            Start::Response { status, .. } => Some(*status),
            Start::Request { .. } => None,
        }
    }

    /// The words beside the status.
    #[must_use]
    pub fn reason(&self) -> &str {
        match &self.start {
            Start::Response { reason, .. } => reason,
            Start::Request { .. } => "",
        }
    }

    /// Number and method of `CSeq`.
    #[must_use]
    pub fn cseq(&self) -> Option<(u32, &str)> {
        let (number, method) = self.header("CSeq")?.split_once(char::is_whitespace)?;
        Some((number.parse().ok()?, method.trim()))
    }

    /// The dialog's name.
    #[must_use]
    pub fn call_id(&self) -> Option<&str> {
        self.header("Call-ID")
    }

    /// The branch of the topmost `Via`: the transaction's name.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        parameter(split_list(self.header("Via")?).into_iter().next()?, "branch")
    }

    /// The tag of `From` or `To`.
    #[must_use]
    pub fn tag(&self, header: &str) -> Option<&str> {
        let value = self.header(header)?;
        parameter(value.rsplit_once('>').map_or(value, |(_, after)| after), "tag")
    }

    /// As it goes out.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = match &self.start {
            Start::Request { method, uri } => format!("{method} {uri} {VERSION}\r\n"),
            Start::Response { status, reason } => format!("{VERSION} {status} {reason}\r\n"),
        };
        for (name, value) in &self.headers {
            // Writing to a String cannot fail.
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(text, "Content-Length: {}\r\n\r\n", self.body.len());
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// The value of a parameter after `;`, without its quotes; names are compared without case.
#[must_use]
pub fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// The members of a comma-separated value; commas in quotes and in `<>` belong to a member.
#[must_use]
pub fn split_list(value: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut angled) = (Vec::new(), 0, false, false);
    for (place, letter) in value.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '<' if !quoted => angled = true,
            '>' if !quoted => angled = false,
            ',' if !quoted && !angled => {
                parts.push(value[from..place].trim());
                from = place + 1;
            }
            _ => {}
        }
    }
    parts.push(value[from..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// The URI of a name-addr or addr-spec.
#[must_use]
pub fn uri_of(value: &str) -> &str {
    match value.split_once('<').and_then(|(_, rest)| rest.split_once('>')) {
        Some((uri, _)) => uri,
        None => value.split(';').next().unwrap_or(value).trim(),
    }
}
