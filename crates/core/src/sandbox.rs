//! Forced outcomes of the sandbox: the last four digits of a destination say how its message ends.

/// The code that a sandbox destination asks for: its last four digits, `447700907207` gives 7207. `None` without four
/// digits at the end. Whether the catalogue has the code is the caller's question.
#[must_use]
pub fn forced_outcome(destination: &str) -> Option<u16> {
    let start = destination.len().checked_sub(4)?;
    let last = destination.get(start..)?;
    last.bytes().all(|byte| byte.is_ascii_digit()).then(|| last.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_digits_are_the_code() {
        let check = |destination: &str, code| assert_eq!(forced_outcome(destination), code, "{destination}");
        check("447700907207", Some(7207));
        check("user-7512", Some(7512));
        check("447700900001", Some(1));
        check("9999", Some(9999));
        check("720", None);
        check("44770090720x", None);
        check("44+720", None);
        check("", None);
        check("é720", None);
        check("漢字", None);
    }
}
