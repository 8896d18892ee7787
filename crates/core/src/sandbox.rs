//! Forced outcomes of the sandbox: the last four digits of a destination say how its message ends.

/// The code that a sandbox destination asks for: its last four digits, `447700907207` gives 7207. `None` without four
/// digits at the end. Whether the catalogue has the code is the caller's question.
#[must_use]
pub fn forced_outcome(destination: &str) -> Option<u16> {
    let start = destination.len().checked_sub(4)?;
    let last = destination.get(start..)?;
    last.bytes().all(|byte| byte.is_ascii_digit()).then(|| last.parse().ok())?
}

/// The ends of a call that the simulated SIP provider brings about: no answer, busy, declined, unknown, rejected, and hung
/// up by the called party (7410). A sandbox call to such a number goes over its trunk, so that every step of it is told.
pub const CALL_ENDS: [u16; 6] = [7401, 7402, 7403, 7404, 7406, 7410];

/// The end of [`CALL_ENDS`] that a called number asks for.
#[must_use]
pub fn forced_call_end(number: &str) -> Option<u16> {
    forced_outcome(number).filter(|asked| CALL_ENDS.contains(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_end_that_a_called_party_can_give_is_asked_of_a_call() {
        let ends = ["447700907402", "447700907410", "447700907105", "447700900001"].map(forced_call_end);
        assert_eq!(ends, [Some(7402), Some(7410), None, None]);
    }

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
