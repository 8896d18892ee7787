//! What became of a letter at the relay, decided from where the exchange was and what broke it.

use std::future::Future;
use std::pin::Pin;

use super::Letter;

/// Takes letters to the world.
pub trait Carrier: Send + Sync + 'static {
    /// Hands one letter over and says what came of it, within the carrier's own deadline.
    fn carry(&self, letter: &Letter) -> Pin<Box<dyn Future<Output = Carried> + Send + '_>>;
}

/// What came of handing a letter over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// The relay answers for it from now on; its words.
    Taken(String),
    /// The relay will never take this letter.
    Refused(Broken),
    /// Certainly not taken; it may be later.
    Later {
        /// What it said or what broke.
        why: Broken,
        /// Whether the relay as a whole is at fault, so that other letters would fare the same.
        whole: bool,
    },
    /// The exchange broke after the content was sent: the relay may have it. Sent again under the same `Message-ID`, it may arrive
    /// twice; not sent, it may never arrive.
    Unknown(Broken),
}

/// What broke an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The relay's reply code; `None` when it gave no answer.
    pub code: Option<u16>,
    /// In words; may hold what the relay said, so it may be personal.
    pub words: String,
}

/// Where an exchange was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Connecting, greeting, TLS, `AUTH`.
    Opening,
    /// `MAIL FROM`: whether this sender may send.
    Sender,
    /// `RCPT TO` and `DATA`: whether this letter may go.
    Recipient,
    /// The content, and the answer to its end.
    Content,
}

/// The service closes the connection (RFC 5321, 3.8).
const CLOSING: u16 = 421;
/// The relay wants other credentials than it was given (RFC 4954).
const CREDENTIALS: [u16; 4] = [530, 534, 535, 538];

/// What an exchange that broke in `phase` means.
///
/// Who may send, and as whom, is the operator's to set right: such answers fail no letter for good, however permanent the code.
#[must_use]
pub fn carried(phase: Phase, why: Broken) -> Carried {
    let is_ours = |code: u16| code == CLOSING || CREDENTIALS.contains(&code);
    match (phase, why.code) {
        (Phase::Opening | Phase::Sender, _) | (Phase::Recipient, None) => Carried::Later { why, whole: true },
        (Phase::Content, None) => Carried::Unknown(why),
        (Phase::Recipient | Phase::Content, Some(code)) if is_ours(code) => {
            Carried::Later { why, whole: true }
        }
        (Phase::Recipient | Phase::Content, Some(500..)) => Carried::Refused(why),
        (Phase::Recipient | Phase::Content, Some(_)) => Carried::Later { why, whole: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(phase: Phase, code: Option<u16>) -> &'static str {
        match carried(phase, Broken { code, words: String::new() }) {
            Carried::Taken(_) => "taken",
            Carried::Refused(_) => "refused",
            Carried::Later { whole: true, .. } => "later, all",
            Carried::Later { whole: false, .. } => "later",
            Carried::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn only_what_the_relay_says_of_this_letter_ends_it() {
        for (phase, code, expected) in [
            (Phase::Opening, None, "later, all"),
            (Phase::Opening, Some(535), "later, all"),
            (Phase::Opening, Some(554), "later, all"),
            (Phase::Sender, Some(550), "later, all"),
            (Phase::Recipient, Some(550), "refused"),
            (Phase::Recipient, Some(450), "later"),
            (Phase::Recipient, Some(421), "later, all"),
            (Phase::Recipient, Some(530), "later, all"),
            (Phase::Recipient, None, "later, all"),
            (Phase::Content, Some(552), "refused"),
            (Phase::Content, Some(452), "later"),
            (Phase::Content, None, "unknown"),
        ] {
            assert_eq!(word(phase, code), expected, "{phase:?} {code:?}");
        }
    }
}
