//! `waypost admin service set`: what can be changed of a service after its creation.

use clap::ValueEnum;
use waypost_messaging::work::notification::NOTIFY_ALL;
use waypost_store::directory::Service;

/// Settings of a service; those that are not named stay.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// Its name.
    #[arg(long)]
    name: Option<String>,
    /// Sender of messages that name none; empty for none.
    #[arg(long, value_name = "ADDRESS")]
    sender: Option<String>,
    /// Where inbound messages go; empty for nowhere.
    #[arg(long, value_name = "URL")]
    inbound_url: Option<String>,
    /// Which receipts are notified, separated by commas; `none` alone for none of them.
    #[arg(long, value_enum, value_delimiter = ',')]
    receipts: Vec<Receipts>,
    /// The hash of `x-hub-signature`.
    #[arg(long, value_enum)]
    signature: Option<Signature>,
}

/// What a service can be notified of (spec 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Receipts {
    /// Everything.
    All,
    /// Nothing.
    None,
    /// Taken by the provider; a call offered or accepted.
    Submitted,
    /// Delivered; a call answered.
    Delivered,
    /// What went wrong, and how a call ended.
    Failed,
    /// Read.
    Read,
    /// A link in it was used.
    Clicked,
}

impl Receipts {
    const fn bits(self) -> i64 {
        match self {
            Self::All => NOTIFY_ALL,
            Self::None => 0,
            Self::Submitted => 1,
            Self::Delivered => 2,
            Self::Failed => 4,
            Self::Read => 8,
            Self::Clicked => 16,
        }
    }
}

/// A hash of the signature.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Signature {
    /// Only for receivers that know nothing newer.
    Sha1,
    /// The usual one.
    Sha256,
    /// The longest one.
    Sha512,
}

/// The receipts of a bit mask, in words.
pub fn receipts(bits: i64) -> Vec<&'static str> {
    let words = [
        (Receipts::Submitted, "submitted"),
        (Receipts::Delivered, "delivered"),
        (Receipts::Failed, "failed"),
        (Receipts::Read, "read"),
        (Receipts::Clicked, "clicked"),
    ];
    words.into_iter().filter(|(kind, _)| bits & kind.bits() != 0).map(|(_, word)| word).collect()
}

impl Settings {
    /// Whether it names nothing.
    pub const fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.sender.is_none()
            && self.inbound_url.is_none()
            && self.receipts.is_empty()
            && self.signature.is_none()
    }

    /// Puts them into a service.
    pub fn apply(&self, service: &mut Service) {
        let or_none = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        if let Some(name) = &self.name {
            service.name.clone_from(name);
        }
        if let Some(sender) = &self.sender {
            service.default_sender = or_none(sender);
        }
        if let Some(url) = &self.inbound_url {
            service.inbound_url = or_none(url);
        }
        if !self.receipts.is_empty() {
            service.notify_types = self.receipts.iter().fold(0, |bits, kind| bits | kind.bits());
        }
        if let Some(signature) = self.signature {
            let name = match signature {
                Signature::Sha1 => "sha1",
                Signature::Sha256 => "sha256",
                Signature::Sha512 => "sha512",
            };
            name.clone_into(&mut service.hub_algorithm);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings { name: None, sender: None, inbound_url: None, receipts: Vec::new(), signature: None }
    }

    #[test]
    fn what_is_not_named_stays_and_an_empty_text_removes() {
        let mut service = super::super::service::blank("alerts", "Alerts");
        service.default_sender = Some("ACME".into());
        assert!(settings().is_empty());
        settings().apply(&mut service);
        assert_eq!((service.default_sender.as_deref(), service.notify_types), (Some("ACME"), NOTIFY_ALL));
        let some = Settings {
            sender: Some(String::new()),
            receipts: vec![Receipts::Delivered, Receipts::Failed],
            signature: Some(Signature::Sha1),
            ..settings()
        };
        some.apply(&mut service);
        assert_eq!(
            (service.default_sender, receipts(service.notify_types)),
            (None, vec!["delivered", "failed"])
        );
        assert_eq!(service.hub_algorithm, "sha1");
    }

    #[test]
    fn the_words_of_all_receipts_are_all_bits() {
        assert_eq!(receipts(NOTIFY_ALL).len(), 5);
        assert_eq!(receipts(Receipts::None.bits()), Vec::<&str>::new());
    }
}
