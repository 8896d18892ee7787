//! The recipients safeguard: outside production no letter reaches a stranger (spec services 4.4, Email).

use std::str::FromStr;

use waypost_channels::email::{AddressFault, EmailAddress, Mailbox};

/// Whom letters may reach while the safeguard is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// One address.
    Address(EmailAddress),
    /// Every address of a domain, in small letters.
    Domain(String),
}

/// `name@example.org`, or `@example.org` for a whole domain.
impl FromStr for Allowed {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        let text = text.trim();
        match text.strip_prefix('@') {
            // As an address of it is checked, so is the domain.
            Some(domain) => format!("a@{domain}")
                .parse::<EmailAddress>()
                .map(|it| Self::Domain(it.domain().to_ascii_lowercase())),
            None => text.parse().map(Self::Address),
        }
    }
}

impl Allowed {
    fn covers(&self, address: &EmailAddress) -> bool {
        match self {
            Self::Address(own) => own.as_str().eq_ignore_ascii_case(address.as_str()),
            Self::Domain(domain) => address.domain().eq_ignore_ascii_case(domain),
        }
    }
}

/// What a sender says of the safeguard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// On for this letter even where it is off for the server.
    pub on: bool,
    /// Ignored for this letter (`overrideEmailRecipientsSafeguard`).
    pub overridden: bool,
}

/// What happens to a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes to its recipient.
    Send,
    /// It goes to somebody else.
    Divert(Mailbox),
    /// It is kept, and goes to nobody.
    Withhold,
}

/// The safeguard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safeguard {
    /// Whether it is on for every letter.
    pub on: bool,
    /// Whom letters may reach all the same.
    pub allowed: Vec<Allowed>,
    /// Who gets the others; nobody: they are withheld.
    pub divert_to: Option<Mailbox>,
}

impl Safeguard {
    /// What happens to a letter to `address`.
    #[must_use]
    pub fn fate(&self, address: &EmailAddress, ask: Ask) -> Fate {
        let holds = (self.on || ask.on) && !ask.overridden;
        if !holds || self.allowed.iter().any(|own| own.covers(address)) {
            return Fate::Send;
        }
        self.divert_to.clone().map_or(Fate::Withhold, Fate::Divert)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> EmailAddress {
        text.parse().unwrap()
    }

    #[test]
    fn on_it_lets_letters_reach_only_who_is_allowed_and_diverts_or_withholds_the_others() {
        let allowed = vec!["Ann@b.ca".parse().unwrap(), "@Test.example".parse().unwrap()];
        let withholds = Safeguard { on: true, allowed, divert_to: None };
        for (to, fate) in [
            ("ann@B.CA", Fate::Send),
            ("x@test.EXAMPLE", Fate::Send),
            ("bob@b.ca", Fate::Withhold),
            ("x@sub.test.example", Fate::Withhold),
            ("x@nottest.example", Fate::Withhold),
        ] {
            assert_eq!(withholds.fate(&address(to), Ask::default()), fate, "{to}");
        }
        let box_of_tests: Mailbox = "tests@b.ca".parse().unwrap();
        let diverts = Safeguard { divert_to: Some(box_of_tests.clone()), ..withholds };
        assert_eq!(diverts.fate(&address("bob@b.ca"), Ask::default()), Fate::Divert(box_of_tests));
    }

    #[test]
    fn a_sender_may_ask_for_it_and_may_override_it() {
        let off = Safeguard::default();
        let bob = address("bob@b.ca");
        assert_eq!(off.fate(&bob, Ask::default()), Fate::Send);
        assert_eq!(off.fate(&bob, Ask { on: true, overridden: false }), Fate::Withhold);
        assert_eq!(off.fate(&bob, Ask { on: true, overridden: true }), Fate::Send);
        assert_eq!(Safeguard { on: true, ..off }.fate(&bob, Ask { on: false, overridden: true }), Fate::Send);
    }

    #[test]
    fn what_is_neither_an_address_nor_a_domain_is_told() {
        assert_eq!("@".parse::<Allowed>(), Err(AddressFault::Malformed));
        assert_eq!("b.ca".parse::<Allowed>(), Err(AddressFault::Malformed));
    }
}
