//! A letter as the bytes that go over the wire.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, MultiPart, SinglePart};
use lettre::{Address, Message};
use thiserror::Error;

use super::address::one_line;
use super::{EmailAddress, Letter, Mailbox};

/// Why a letter cannot be written down. None of them can happen to a letter made of checked addresses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ComposeFault {
    /// The library does not take an address.
    #[error("an address of the letter is not taken")]
    Address,
    /// The parts do not make a message.
    #[error("the letter cannot be put together: {0}")]
    Message(String),
}

/// A letter ready for the relay.
#[derive(Clone, PartialEq, Eq)]
pub struct Composed {
    /// The envelope's sender.
    pub sender: Address,
    /// The envelope's recipient.
    pub recipient: Address,
    /// Headers and body, seven bits throughout.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Composed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Composed").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Writes a letter down. Headers hold one line each whatever stands in the letter; letters beyond ASCII are encoded (RFC 2047,
/// 2231), bodies too, so that a relay without `8BITMIME` takes it.
///
/// # Errors
/// [`ComposeFault`].
pub fn compose(letter: &Letter) -> Result<Composed, ComposeFault> {
    let micros = u64::try_from(letter.written_at.0).unwrap_or_default();
    let mut draft = Message::builder()
        .from(mailbox(&letter.from)?)
        .to(mailbox(&letter.to)?)
        .subject(one_line(&letter.subject))
        .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
        .message_id(Some(format!("<{}>", one_line(&letter.message_id))))
        // RFC 3834: no answering machine answers it.
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(reply_to) = &letter.reply_to {
        draft = draft.reply_to(mailbox(reply_to)?);
    }
    if let Some(language) = letter.language {
        draft = draft.raw_header(header("Content-Language", language.tag()));
    }
    if let Some(meant_for) = &letter.meant_for {
        draft = draft.raw_header(header("X-Meant-For", meant_for.address().as_str()));
    }
    let built = match body(letter) {
        Body::One(part) => draft.singlepart(part),
        Body::Many(parts) => draft.multipart(parts),
    };
    let message = built.map_err(|error| ComposeFault::Message(error.to_string()))?;
    Ok(Composed {
        sender: address(letter.from.address())?,
        recipient: address(letter.to.address())?,
        bytes: message.formatted(),
    })
}

enum Body {
    One(SinglePart),
    Many(MultiPart),
}

fn body(letter: &Letter) -> Body {
    let text = SinglePart::plain(letter.text.clone());
    let words = match &letter.html {
        None => Body::One(text),
        Some(html) => {
            Body::Many(MultiPart::alternative().singlepart(text).singlepart(SinglePart::html(html.clone())))
        }
    };
    if letter.attachments.is_empty() {
        return words;
    }
    let mixed = MultiPart::mixed();
    let mut mixed = match words {
        Body::One(text) => mixed.singlepart(text),
        Body::Many(words) => mixed.multipart(words),
    };
    for attachment in &letter.attachments {
        // A type that is none must not lose the letter.
        let kind = ContentType::parse(&one_line(&attachment.media_type)).ok();
        let Some(kind) = kind.or_else(|| ContentType::parse("application/octet-stream").ok()) else {
            continue;
        };
        mixed = mixed.singlepart(Part::new(one_line(&attachment.name)).body(attachment.bytes.clone(), kind));
    }
    Body::Many(mixed)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(value))
}

fn mailbox(own: &Mailbox) -> Result<lettre::message::Mailbox, ComposeFault> {
    Ok(lettre::message::Mailbox::new(own.name().map(str::to_owned), address(own.address())?))
}

fn address(own: &EmailAddress) -> Result<Address, ComposeFault> {
    own.as_str().parse().map_err(|_| ComposeFault::Address)
}
