//! Countries and subdivisions as they are shown.

use serde::Serialize;
use waypost_status::MtapiCode;

use crate::rules::iso3166::{self, Country, Subdivision};
use crate::rules::{Fault, Refusal};

/// A country (the published material has no response schema).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CountryBody {
    code: &'static str,
    alpha3_code: &'static str,
    numeric_code: u16,
    english_name: &'static str,
    french_name: &'static str,
}

impl From<&Country> for CountryBody {
    fn from(country: &Country) -> Self {
        Self {
            code: country.code,
            alpha3_code: country.alpha3,
            numeric_code: country.number,
            english_name: country.name_en,
            french_name: country.name_fr,
        }
    }
}

/// A subdivision.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SubdivisionBody {
    code: &'static str,
    country_code: &'static str,
    english_name: &'static str,
    french_name: &'static str,
}

impl From<&Subdivision> for SubdivisionBody {
    fn from(part: &Subdivision) -> Self {
        Self {
            code: part.code,
            country_code: part.country,
            english_name: part.name_en,
            french_name: part.name_fr,
        }
    }
}

/// The country of a code in the path.
///
/// # Errors
/// 901002 with HTTP 404.
pub(super) fn country(code: &str) -> Result<&'static Country, Fault> {
    iso3166::find(code).ok_or_else(|| {
        let rule = "two or three letters, or the number, of a country (ISO 3166-1)";
        Refusal::argument("code", rule).with_http(404).into()
    })
}

/// The subdivision of a country in the path.
///
/// # Errors
/// `code` with HTTP 404.
pub(super) fn part(
    country: &str,
    asked: &str,
    (field, code): (&'static str, MtapiCode),
) -> Result<SubdivisionBody, Fault> {
    let found = iso3166::part(country, asked);
    found.map(SubdivisionBody::from).ok_or_else(|| {
        let rule = "the code of a subdivision of the country (ISO 3166-2)";
        Refusal::from(code).at(field, rule).with_http(404).into()
    })
}
