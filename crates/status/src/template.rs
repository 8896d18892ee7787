//! Texts with `{placeholders}`: taking them apart, filling them, recognising them again.

/// The longest value, in characters, that is copied into a message. What callers send comes back in these texts, so it is cut.
pub const VALUE_CHARS_MAX: usize = 120;

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text that stands for itself.
    Literal(&'t str),
    /// The name between a pair of braces.
    Placeholder(&'t str),
}

/// Takes a template apart; `None` when a brace has no partner or a name is not made of small letters, digits and `_`.
pub fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (literal, tail) = rest.split_at(at);
        if !literal.is_empty() {
            found.push(Piece::Literal(literal));
        }
        let (name, after) = tail.strip_prefix('{')?.split_once('}')?;
        let well_named = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if name.is_empty() || !well_named {
            return None;
        }
        found.push(Piece::Placeholder(name));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Literal(rest));
    }
    Some(found)
}

/// Whether the text has something to fill in.
pub fn has_placeholders(template: &str) -> bool {
    pieces(template).is_some_and(|pieces| pieces.iter().any(|piece| matches!(piece, Piece::Placeholder(_))))
}

/// Fills the placeholders of `template` from `values`; a placeholder without a value stays as it is. Values are inserted
/// once, never expanded again, and cut at [`VALUE_CHARS_MAX`].
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let Some(pieces) = pieces(template) else { return template.to_owned() };
    let mut filled = String::with_capacity(template.len());
    for piece in pieces {
        match piece {
            Piece::Literal(text) => filled.push_str(text),
            Piece::Placeholder(name) => match values.iter().find(|(key, _)| *key == name) {
                Some((_, value)) => push_bounded(&mut filled, value),
                None => filled.extend(["{", name, "}"]),
            },
        }
    }
    filled
}

fn push_bounded(filled: &mut String, value: &str) {
    match value.char_indices().nth(VALUE_CHARS_MAX) {
        Some((cut, _)) => filled.extend([&value[..cut], "…"]),
        None => filled.push_str(value),
    }
}

/// Whether `text` could have come from filling `template`.
pub fn matches(template: &str, text: &str) -> bool {
    let Some(pieces) = pieces(template) else { return template == text };
    let mut rest = text;
    let mut after_placeholder = false;
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Literal(literal) = piece else {
            after_placeholder = true;
            continue;
        };
        let is_last = index + 1 == pieces.len();
        let found = match (after_placeholder, is_last) {
            (false, _) => rest.strip_prefix(literal),
            (true, true) => rest.strip_suffix(literal).map(|_| ""),
            (true, false) => rest.find(literal).map(|at| &rest[at + literal.len()..]),
        };
        let Some(tail) = found else { return false };
        rest = tail;
        after_placeholder = false;
    }
    after_placeholder || rest.is_empty()
}
