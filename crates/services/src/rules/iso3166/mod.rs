//! Countries and their subdivisions: ISO 3166-1 and 3166-2, with English and French names. Both lists are kept beside this
//! file; a subdivision without a French name of its own has its English one.

use std::sync::LazyLock;

/// A country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// Two letters.
    pub code: &'static str,
    /// Three letters.
    pub alpha3: &'static str,
    /// Number of ISO 3166-1.
    pub number: u16,
    /// English name.
    pub name_en: &'static str,
    /// French name.
    pub name_fr: &'static str,
}

/// A subdivision of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subdivision {
    /// Two letters of the country.
    pub country: &'static str,
    /// Its code within the country.
    pub code: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// French name.
    pub name_fr: &'static str,
}

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| rows(include_str!("countries.tsv"), country));
static SUBDIVISIONS: LazyLock<Vec<Subdivision>> =
    LazyLock::new(|| rows(include_str!("subdivisions.tsv"), subdivision));

fn rows<T>(text: &'static str, read: fn(&'static str) -> Option<T>) -> Vec<T> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(read).collect()
}

fn country(line: &'static str) -> Option<Country> {
    let mut parts = line.split('\t');
    let (code, alpha3, number) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
    Some(Country { code, alpha3, number, name_en: parts.next()?, name_fr: parts.next()? })
}

fn subdivision(line: &'static str) -> Option<Subdivision> {
    let mut parts = line.split('\t');
    let (country, code) = parts.next()?.split_once('-')?;
    Some(Subdivision { country, code, name_en: parts.next()?, name_fr: parts.next()? })
}

/// Every country, by code.
#[must_use]
pub fn countries() -> &'static [Country] {
    &COUNTRIES
}

/// A country by its two letters, its three letters or its number.
#[must_use]
pub fn find(code: &str) -> Option<&'static Country> {
    let code = code.trim();
    let number = code.parse::<u16>().ok();
    COUNTRIES.iter().find(|own| {
        own.code.eq_ignore_ascii_case(code)
            || own.alpha3.eq_ignore_ascii_case(code)
            || Some(own.number) == number
    })
}

/// The subdivisions of a country by its two letters, by code.
#[must_use]
pub fn subdivisions(country: &str) -> &'static [Subdivision] {
    let start = SUBDIVISIONS.partition_point(|own| own.country < country);
    let end = SUBDIVISIONS.partition_point(|own| own.country <= country);
    SUBDIVISIONS.get(start..end).unwrap_or_default()
}

/// A subdivision of a country by its code, with the country's letters in front or without.
#[must_use]
pub fn part(country: &str, code: &str) -> Option<&'static Subdivision> {
    let code = code.trim();
    let short = code.split_once('-').filter(|(own, _)| own.eq_ignore_ascii_case(country));
    let code = short.map_or(code, |(_, rest)| rest);
    subdivisions(country).iter().find(|own| own.code.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_whole_and_every_subdivision_has_its_country() {
        assert_eq!((COUNTRIES.len(), SUBDIVISIONS.len()), (249, 5_023));
        assert!(COUNTRIES.is_sorted_by(|one, next| one.code < next.code));
        assert!(SUBDIVISIONS.is_sorted_by(|one, next| one.country <= next.country));
        assert!(SUBDIVISIONS.iter().all(|own| find(own.country).is_some()));
        for own in COUNTRIES.iter() {
            assert!(
                own.code.len() == 2 && own.alpha3.len() == 3 && own.number > 0 && !own.name_fr.is_empty()
            );
        }
    }

    #[test]
    fn a_country_is_found_by_either_code_or_its_number() {
        for code in ["CA", "ca", "CAN", "124"] {
            assert_eq!(find(code).map(|own| own.name_en), Some("Canada"), "{code}");
        }
        assert_eq!((find(""), find("ZZ"), find("0")), (None, None, None));
    }

    #[test]
    fn canada_has_the_thirteen_provinces_and_territories_by_both_spellings() {
        assert_eq!(subdivisions("CA").len(), 13);
        assert_eq!(part("CA", "qc").map(|own| own.name_fr), Some("Québec"));
        assert_eq!(part("CA", "CA-QC"), part("CA", "QC"));
        assert_eq!((part("CA", "US-NY"), part("ZZ", "QC")), (None, None));
    }

    #[test]
    fn the_codes_of_the_provinces_are_those_that_a_place_of_supply_may_be() {
        let codes: Vec<_> = subdivisions("CA").iter().map(|own| own.code).collect();
        assert_eq!(codes, crate::rules::place::PROVINCES);
    }
}
