//! E-mail addresses, as far as they are looked at here.

/// Longest e-mail address, characters.
pub const EMAIL_CHARS_MAX: usize = 254;

/// Whether a text can be an e-mail address: one `@` between two texts without blanks, a dot in the second.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"');
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !domain.contains('@')
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
        && !text.chars().any(odd)
        && text.chars().count() <= EMAIL_CHARS_MAX
}

/// Whether a text is an absolute address of the web.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    url::Url::parse(text.trim()).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Digits of a number with its country code (E.164).
const MSISDN_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// The digits of a phone number with its country: of `international`, of `display` when it begins with `+`, or of country
/// code, area code and local number. `None` where the country is not known.
#[must_use]
pub fn msisdn(international: &str, display: &str, [country, area, local]: [&str; 3]) -> Option<String> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let composed = || {
        let country = digits(country);
        if country.is_empty() || local.is_empty() {
            String::new()
        } else {
            country + &digits(area) + &digits(local)
        }
    };
    let shown = || if display.trim_start().starts_with('+') { digits(display) } else { String::new() };
    let found = [digits(international), shown(), composed()].into_iter().find(|text| !text.is_empty());
    found.filter(|text| MSISDN_DIGITS.contains(&text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_halves_and_a_domain() {
        for good in ["a@b.ca", "first.last+tag@mail.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for odd in
            ["", "a", "@b.ca", "a@", "a@b", "a@b..ca", "a b@c.ca", "a@b@c.ca", "A <a@b.ca>", "a@b.ca\n"]
        {
            assert!(!is_email(odd), "{odd}");
        }
        assert!(!is_email(&format!("{}@b.ca", "x".repeat(250))));
    }

    #[test]
    fn a_return_address_is_absolute_and_of_the_web() {
        assert!(is_web_address("https://apply.example/back?x=1") && is_web_address("http://localhost:8080/"));
        for odd in ["", "/back", "apply.example", "ftp://apply.example", "javascript:alert(1)"] {
            assert!(!is_web_address(odd), "{odd}");
        }
    }

    #[test]
    fn a_number_has_its_country_or_is_none() {
        let none = ["", "", ""];
        assert_eq!(msisdn("", "+1 (613) 555-0100", none).as_deref(), Some("16135550100"));
        assert_eq!(msisdn("1 613 555 0100", "613-555-0100", none).as_deref(), Some("16135550100"));
        assert_eq!(msisdn("", "", ["1", "613", "555-0100"]).as_deref(), Some("16135550100"));
        assert_eq!((msisdn("", "613-555-0100", none), msisdn("", "", ["", "613", "5550100"])), (None, None));
        assert_eq!(msisdn("", "+1234567", none), None);
    }
}
