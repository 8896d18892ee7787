//! `?1` to `$1`.

/// The statement in PostgreSQL's style. A `?` inside a quoted text stays.
pub(super) fn numbered(sql: &str) -> String {
    let mut quoted = false;
    sql.chars()
        .map(|c| {
            if c == '\'' {
                quoted = !quoted;
            }
            if c == '?' && !quoted { '$' } else { c }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_dollars_outside_of_quotes() {
        let check = |sql: &str, expected: &str| assert_eq!(numbered(sql), expected);
        check("SELECT ?1, '?1', ?12", "SELECT $1, '?1', $12");
        check("SELECT 'it''s ?1' || ?2", "SELECT 'it''s ?1' || $2");
    }
}
