//! JSON with the slips of the published samples: a comma after the last member.

use serde_json::Value;

/// Reads JSON; commas before a closing bracket are ignored.
///
/// # Errors
/// What is wrong, and where, in words.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(error) => {
            let mended = without_trailing_commas(bytes).ok_or_else(|| error.to_string())?;
            serde_json::from_slice(&mended).map_err(|_| error.to_string())
        }
    }
}

/// The text without such commas; `None` when there is none.
fn without_trailing_commas(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    let (mut in_text, mut escaped, mut dropped) = (false, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if in_text {
            (in_text, escaped) = (escaped || *byte != b'"', !escaped && *byte == b'\\');
        } else if *byte == b'"' {
            in_text = true;
        } else if *byte == b',' && closes(&bytes[at + 1..]) {
            dropped = true;
            continue;
        }
        kept.push(*byte);
    }
    dropped.then_some(kept)
}

fn closes(rest: &[u8]) -> bool {
    matches!(rest.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'}' | b']'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_comma_after_the_last_member_is_ignored_but_not_inside_a_text() {
        assert_eq!(
            parse(br#"{"a": [1, 2, ], "b": ",}", "c": "\",]", }"#),
            Ok(json!({"a": [1, 2], "b": ",}", "c": "\",]"}))
        );
        assert!(parse(b"{,}").is_ok_and(|value| value == json!({})));
        assert!(parse(b"{\"a\": 1,, }").is_err());
        assert!(parse(b"").is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let _ = parse(&bytes);
        }
    }
}
