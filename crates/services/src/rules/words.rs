//! The letters this server writes by itself, in English and French.

/// Subject and body of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The subject.
    pub subject: String,
    /// The body.
    pub text: String,
}

/// The code that confirms an e-mail address.
#[must_use]
pub fn verification(english: bool, url: &str, code: &str) -> Words {
    if english {
        return Words {
            subject: "Confirm your e-mail address".to_owned(),
            text: format!(
                "Your confirmation code is: {code}\n\nEnter it at {url}\n\nIf you did not ask for it, you can ignore this message.\n"
            ),
        };
    }
    Words {
        subject: "Confirmez votre adresse de courriel".to_owned(),
        text: format!(
            "Votre code de confirmation est : {code}\n\nEntrez-le à l'adresse {url}\n\n\
             Si vous ne l'avez pas demandé, vous pouvez ignorer ce message.\n"
        ),
    }
}

/// What a code opens, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// The code.
    pub code: &'a str,
    /// When it ends, as the API shows it (UTC).
    pub until: &'a str,
    /// Where it is entered, with the code in the address, where that is known.
    pub link: Option<&'a str>,
}

impl Opening<'_> {
    fn enter(&self, english: bool) -> String {
        match (self.link, english) {
            (Some(link), true) => format!("Follow this link: {link}\n\n"),
            (Some(link), false) => format!("Suivez ce lien : {link}\n\n"),
            (None, _) => String::new(),
        }
    }
}

/// An invite to a service.
#[must_use]
pub fn invite(english: bool, service: &str, number: i64, opening: Opening<'_>) -> Words {
    let (enter, Opening { code, until, .. }) = (opening.enter(english), opening);
    if english {
        return Words {
            subject: format!("You are invited to {service}"),
            text: format!(
                "You are invited to use the service {service}.\n\n{enter}Your invitation code is: {code}\nNumber of the invite: \
                 {number}\n\nThe code can be used once, until {until} (UTC).\n"
            ),
        };
    }
    Words {
        subject: format!("Vous êtes invité à utiliser {service}"),
        text: format!(
            "Vous êtes invité à utiliser le service {service}.\n\n{enter}Votre code d'invitation est : {code}\nNuméro de \
             l'invitation : {number}\n\nLe code peut être utilisé une fois, jusqu'au {until} (UTC).\n"
        ),
    }
}

/// An account's recovery.
#[must_use]
pub fn recovery(english: bool, number: i64, opening: Opening<'_>) -> Words {
    let (enter, Opening { code, until, .. }) = (opening.enter(english), opening);
    if english {
        return Words {
            subject: "Recover your account".to_owned(),
            text: format!(
                "Somebody, probably you, asked to reconnect the account of this e-mail address.\n\n{enter}Your recovery code is: \
                 {code}\nNumber of the recovery: {number}\n\nThe code can be used once, until {until} (UTC). If you did not ask \
                 for it, do not pass it on: without it your account stays as it is.\n"
            ),
        };
    }
    Words {
        subject: "Récupérez votre compte".to_owned(),
        text: format!(
            "Quelqu'un, probablement vous, a demandé de reconnecter le compte de cette adresse de courriel.\n\n{enter}Votre code \
             de récupération est : {code}\nNuméro de la récupération : {number}\n\nLe code peut être utilisé une fois, jusqu'au \
             {until} (UTC). Si vous ne l'avez pas demandé, ne le transmettez pas : sans lui, votre compte reste tel quel.\n"
        ),
    }
}

/// A service request handed over. Its requester's language is not known: both.
#[must_use]
pub fn transfer(name: (&str, &str), number: i64, (code, until): (&str, &str)) -> Words {
    let (english, french) = name;
    Words {
        subject: format!("Transfer of request {number} / Transfert de la demande {number}"),
        text: format!(
            "(Le français suit)\n\nThe request {number}, {english}, can be handed over to somebody else with this code: {code}\n\
             Whoever enters it becomes its owner. It can be used once, until {until} (UTC).\n\n----\n\nLa demande {number}, \
             {french}, peut être transférée à quelqu'un d'autre avec ce code : {code}\nLa personne qui l'entre en devient \
             titulaire. Il peut être utilisé une fois, jusqu'au {until} (UTC).\n"
        ),
    }
}

/// An address of the web with more parameters behind it; one that is none is given back as it is.
#[must_use]
pub fn link(address: &str, more: &[(&str, &str)]) -> String {
    let Ok(mut url) = url::Url::parse(address.trim()) else { return address.to_owned() };
    url.query_pairs_mut().extend_pairs(more);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_has_its_code_its_number_and_its_end_in_both_languages() {
        let opening =
            Opening { code: "ABC", until: "2026-10-01T00:00:00", link: Some("https://a.example/?c=ABC") };
        for english in [true, false] {
            for words in [invite(english, "PERMIT", 77, opening), recovery(english, 77, opening)] {
                for part in ["ABC", "77", "2026-10-01T00:00:00", "https://a.example/?c=ABC"] {
                    assert!(words.text.contains(part), "{part}: {}", words.text);
                }
            }
            let bare = invite(english, "PERMIT", 77, Opening { link: None, ..opening });
            assert!(!bare.text.contains("http"), "{}", bare.text);
            let confirm = verification(english, "https://a.example", "ABC");
            assert!(confirm.text.contains("ABC") && confirm.text.contains("https://a.example"));
        }
        let handed = transfer(("A permit", "Un permis"), 77, ("ABC", "2026-10-01T00:00:00"));
        assert_eq!(handed.text.matches("ABC").count(), 2);
        assert!(handed.text.contains("A permit") && handed.text.contains("Un permis"));
    }

    #[test]
    fn parameters_are_added_to_an_address_and_encoded() {
        assert_eq!(
            link("https://a.example/in?x=1#y", &[("code", "A&B"), ("id", "7")]),
            "https://a.example/in?x=1&code=A%26B&id=7#y"
        );
        assert_eq!(link("nowhere", &[("a", "b")]), "nowhere");
    }
}
