//! Addresses and names, checked once where they come in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest address, bytes (RFC 5321, 4.5.3.1.3, less the brackets).
pub const ADDRESS_BYTES_MAX: usize = 254;
/// Longest name before an address, characters.
pub const NAME_CHARS_MAX: usize = 200;

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressFault {
    /// Letters beyond ASCII would need SMTPUTF8 of every relay on the way.
    #[error("an e-mail address is written in ASCII; of a domain with other letters the xn-- form")]
    NotAscii,
    /// Not `name@domain` as the standard has it.
    #[error("this is not an e-mail address such as name@example.org")]
    Malformed,
    /// Longer than [`ADDRESS_BYTES_MAX`].
    #[error("an e-mail address has at most 254 characters")]
    TooLong,
}

/// The address of a mailbox, `name@domain`: ASCII, without blanks, quotes and control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        let text = text.trim();
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(AddressFault::TooLong);
        }
        if !text.is_ascii() {
            return Err(AddressFault::NotAscii);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressFault::Malformed)?;
        let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
        let good_local =
            local.len() <= 64 && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom));
        if !good_local || !is_domain(domain) {
            return Err(AddressFault::Malformed);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Two labels or more, or `localhost`, which only a relay of this machine can mean.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    (labels.len() > 1 || domain.eq_ignore_ascii_case("localhost")) && labels.into_iter().all(is_label)
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressFault;

    fn try_from(text: String) -> Result<Self, AddressFault> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

/// Personal: never in a log.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("EmailAddress(…)")
    }
}

/// An address, and the name of who has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    name: Option<String>,
    address: EmailAddress,
}

impl Mailbox {
    /// Of an address and a name; a name is one line, cut at [`NAME_CHARS_MAX`] characters, an empty one is none.
    #[must_use]
    pub fn new(name: Option<&str>, address: EmailAddress) -> Self {
        let name = name.map(one_line).map(|name| name.chars().take(NAME_CHARS_MAX).collect::<String>());
        Self { name: name.filter(|name| !name.is_empty()), address }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address.
    #[must_use]
    pub const fn address(&self) -> &EmailAddress {
        &self.address
    }
}

/// `name@example.org` or `A Name <name@example.org>`.
impl FromStr for Mailbox {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
            Some((name, address)) => {
                let name = name.trim().trim_matches('"');
                Ok(Self::new(Some(name), address.parse()?))
            }
            None => Ok(Self::new(None, text.parse()?)),
        }
    }
}

/// A text without line ends and other control characters: what stands in a header can start no other.
pub(super) fn one_line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_dot_atom_at_a_domain() {
        for good in
            ["a@b.ca", "first.last+tag@mail.example.org", "o'hara@xn--bcher-kva.example", "root@localhost"]
        {
            assert_eq!(good.parse::<EmailAddress>().map(String::from), Ok(good.to_owned()));
        }
        let long = format!("{}@b.ca", "x".repeat(250));
        for (odd, fault) in [
            ("", AddressFault::Malformed),
            ("a", AddressFault::Malformed),
            ("@b.ca", AddressFault::Malformed),
            ("a@", AddressFault::Malformed),
            ("a@b", AddressFault::Malformed),
            ("a@b..ca", AddressFault::Malformed),
            ("a@-b.ca", AddressFault::Malformed),
            (".a@b.ca", AddressFault::Malformed),
            ("a b@c.ca", AddressFault::Malformed),
            ("a@b@c.ca", AddressFault::Malformed),
            ("a@b.ca>\r\nRCPT TO:<x@y.ca", AddressFault::Malformed),
            ("a@b.ca\r\nBcc: x@y.ca", AddressFault::Malformed),
            ("josé@b.ca", AddressFault::NotAscii),
            (long.as_str(), AddressFault::TooLong),
        ] {
            assert_eq!(odd.parse::<EmailAddress>(), Err(fault), "{odd}");
        }
    }

    #[test]
    fn a_mailbox_is_an_address_with_or_without_a_name_on_one_line() {
        let read = |text: &str| {
            text.parse::<Mailbox>().map(|it| (it.name().map(str::to_owned), it.address().as_str().to_owned()))
        };
        assert_eq!(read(" a@b.ca "), Ok((None, "a@b.ca".to_owned())));
        assert_eq!(read("\"A, B\" <a@b.ca>"), Ok((Some("A, B".to_owned()), "a@b.ca".to_owned())));
        assert_eq!(
            read("A\r\nBcc: x@y.ca <a@b.ca>"),
            Ok((Some("A  Bcc: x@y.ca".to_owned()), "a@b.ca".to_owned()))
        );
        assert_eq!(read("<a@b.ca>"), Ok((None, "a@b.ca".to_owned())));
        assert_eq!(read("A <a@b.ca> B"), Err(AddressFault::Malformed));
    }

    #[test]
    fn an_address_does_not_show_in_a_log() {
        let mailbox: Mailbox = "a@b.ca".parse().unwrap();
        assert!(!format!("{mailbox:?}").contains("b.ca"));
    }
}
