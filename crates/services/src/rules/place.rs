//! Places of supply: the provinces and territories.

/// Their codes.
pub const PROVINCES: &[&str] =
    &["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];

/// The code of a province, given in any case.
#[must_use]
pub fn province(text: &str) -> Option<&'static str> {
    PROVINCES.iter().copied().find(|code| code.eq_ignore_ascii_case(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_province_is_known_by_its_code_in_any_case() {
        assert_eq!((province(" on "), province("QC")), (Some("ON"), Some("QC")));
        assert_eq!((province("Ontario"), province("")), (None, None));
    }
}
