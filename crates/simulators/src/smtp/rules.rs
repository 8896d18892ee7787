//! What a command and a letter must look like.

use super::letter::headers;

/// Longest line of a letter with its end (RFC 5321, 4.5.3.1.6).
pub(super) const TEXT_LINE_BYTES_MAX: usize = 1_000;
/// Longest command with its end (RFC 5321, 4.5.3.1.4), and room for `AUTH`.
pub(super) const COMMAND_BYTES_MAX: usize = 2_048;

/// The address between `FROM:<` or `TO:<` and `>`.
pub(super) fn path<'a>(argument: &'a str, word: &str) -> Option<&'a str> {
    let rest = argument
        .get(..word.len())
        .filter(|own| own.eq_ignore_ascii_case(word))
        .map(|_| &argument[word.len()..])?;
    let (address, parameters) = rest.strip_prefix('<')?.split_once('>')?;
    let good = parameters.is_empty() || parameters.starts_with(' ');
    let is_address =
        address.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<');
    (good && is_address && is_plain).then_some(address)
}

/// The reply code a recipient asks for by `+NNN` at the end of its name.
pub(super) fn asked_code(address: &str) -> Option<u16> {
    let (local, _) = address.rsplit_once('@')?;
    let (_, code) = local.rsplit_once('+')?;
    (code.len() == 3).then(|| code.parse().ok()).flatten().filter(|code| (400..600).contains(code))
}

/// The rule a letter breaks (RFC 5322, 3.6; RFC 5321, 2.4).
pub(super) fn fault(text: &[u8]) -> Option<&'static str> {
    if !text.is_ascii() {
        return Some("8BITMIME was not asked for: only seven bits");
    }
    let text = String::from_utf8_lossy(text);
    let found = headers(&text);
    let count = |name: &str| found.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).count();
    let odd = |name: &str| name.is_empty() || name.bytes().any(|byte| !byte.is_ascii_graphic());
    if found.iter().any(|(name, _)| odd(name)) {
        return Some("a header is Name: value");
    }
    for (name, rule) in [
        ("Date", "one Date"),
        ("From", "one From"),
        ("Message-ID", "one Message-ID"),
        ("Subject", "one Subject"),
        ("To", "one To"),
    ] {
        if count(name) != 1 {
            return Some(rule);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_address_in_brackets_behind_its_word() {
        assert_eq!(path("FROM:<a@b.ca>", "FROM:"), Some("a@b.ca"));
        assert_eq!(path("from:<a@b.ca> SIZE=7", "FROM:"), Some("a@b.ca"));
        for odd in [
            "FROM:a@b.ca",
            "FROM:<a b@c.ca>",
            "FROM:<a@b.ca>x",
            "TO:<a@b.ca>",
            "FROM: <a@b.ca>",
            "FROM:<ab>",
            "",
        ] {
            assert_eq!(path(odd, "FROM:"), None, "{odd}");
        }
    }

    #[test]
    fn a_recipient_may_ask_for_its_answer() {
        assert_eq!(asked_code("x+550@b.ca"), Some(550));
        assert_eq!(asked_code("x+250@b.ca"), None);
        assert_eq!(asked_code("x+tag@b.ca"), None);
    }

    #[test]
    fn a_letter_has_its_headers_once_and_seven_bits() {
        let good = "Date: x\r\nFrom: x\r\nTo: x\r\nSubject: a\r\n b\r\nMessage-ID: <x>\r\n\r\nHi\r\n";
        assert_eq!(fault(good.as_bytes()), None);
        assert_eq!(fault(good.replace("Date: x\r\n", "").as_bytes()), Some("one Date"));
        assert_eq!(fault(good.replace("To: x", "To: x\r\nTo: y").as_bytes()), Some("one To"));
        assert_eq!(fault(good.replace("To: x", "a line").as_bytes()), Some("a header is Name: value"));
        assert_eq!(
            fault(good.replace("Hi", "é").as_bytes()),
            Some("8BITMIME was not asked for: only seven bits")
        );
    }
}
