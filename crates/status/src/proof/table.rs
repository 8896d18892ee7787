//! How much of the catalogue is proven, per API, and the floor it may not fall below.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use thiserror::Error;

use crate::codes::CATALOGUE;
use crate::entry::Api;
use crate::explain::find;

/// The proof of one API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiProof {
    /// The API.
    pub api: Api,
    /// All its entries.
    pub entries: usize,
    /// The entries that cannot occur, each with a reason in its row.
    pub reserved: usize,
    /// The entries a test has provoked.
    pub proven: usize,
    /// The keys of the others, in the order of the catalogue.
    pub unproven: Vec<String>,
}

impl ApiProof {
    /// Proven entries over those that can occur, from 0 to 1; 1 where none can.
    pub fn share(&self) -> f64 {
        let possible = self.entries - self.reserved;
        if possible == 0 { 1.0 } else { self.proven as f64 / possible as f64 }
    }
}

/// The proof of every API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofTable {
    /// One row per API, in the order of [`Api::ALL`].
    pub apis: Vec<ApiProof>,
}

/// Why keys cannot be a proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The catalogue has no such keys: a test is older than the catalogue, or recorded something made up.
    #[error("the catalogue has no entry {}", .0.join(", "))]
    Unknown(Vec<String>),
    /// These entries occurred although their rows say that they cannot.
    #[error("reserved, yet provoked: {}", .0.join(", "))]
    Reserved(Vec<String>),
}

/// Counts `proven` against the catalogue.
///
/// # Errors
/// [`ProofError::Unknown`] and [`ProofError::Reserved`], each with all the keys concerned.
pub fn table(proven: &BTreeSet<String>) -> Result<ProofTable, ProofError> {
    let unknown: Vec<String> = proven.iter().filter(|key| find(key).is_none()).cloned().collect();
    if !unknown.is_empty() {
        return Err(ProofError::Unknown(unknown));
    }
    let is_reserved = |key: &&String| find(key).is_some_and(|entry| entry.is_reserved());
    let reserved: Vec<String> = proven.iter().filter(is_reserved).cloned().collect();
    if !reserved.is_empty() {
        return Err(ProofError::Reserved(reserved));
    }
    Ok(ProofTable { apis: Api::ALL.iter().map(|api| api_proof(*api, proven)).collect() })
}

fn api_proof(api: Api, proven: &BTreeSet<String>) -> ApiProof {
    let mut row = ApiProof { api, entries: 0, reserved: 0, proven: 0, unproven: Vec::new() };
    for entry in CATALOGUE.iter().filter(|entry| entry.api == api) {
        row.entries += 1;
        let key = entry.key();
        if entry.is_reserved() {
            row.reserved += 1;
        } else if proven.contains(&key) {
            row.proven += 1;
        } else {
            row.unproven.push(key);
        }
    }
    row
}

/// How many entries of each API were proven when the floor was last raised.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// Proven entries per API; an API that is absent has a floor of 0.
    pub proven: BTreeMap<Api, usize>,
}

/// The floor's file cannot be read as one.
#[derive(Debug, Error)]
#[error("the proof floor: {0}")]
pub struct FloorError(#[from] toml::de::Error);

impl Floor {
    /// Reads the text of `catalogue/proof-floor.toml`.
    ///
    /// # Errors
    /// When it is not a table of counts by API.
    pub fn parse(text: &str) -> Result<Self, FloorError> {
        Ok(toml::from_str(text)?)
    }

    /// The floor that was committed when this crate was built.
    ///
    /// # Errors
    /// As [`Floor::parse`].
    pub fn committed() -> Result<Self, FloorError> {
        Self::parse(include_str!("../../../../catalogue/proof-floor.toml"))
    }
}

/// An API with fewer proven entries than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallen {
    /// The API.
    pub api: Api,
    /// How many were proven before.
    pub floor: usize,
    /// How many are now.
    pub proven: usize,
    /// The keys among which the lost ones are.
    pub unproven: Vec<String>,
}

impl fmt::Display for Fallen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, floor, proven, unproven } = self;
        write!(f, "{api}: {proven} proven, the floor is {floor}; unproven: {}", unproven.join(", "))
    }
}

impl ProofTable {
    /// Checks that no API has fallen below the floor.
    ///
    /// # Errors
    /// The APIs that have.
    pub fn compare(&self, floor: &Floor) -> Result<(), Vec<Fallen>> {
        let fallen: Vec<Fallen> = self.apis.iter().filter_map(|row| fallen(row, floor)).collect();
        if fallen.is_empty() { Ok(()) } else { Err(fallen) }
    }

    /// The floor this table would be, to be written when proofs have been added.
    pub fn floor(&self) -> Floor {
        Floor { proven: self.apis.iter().map(|row| (row.api, row.proven)).collect() }
    }
}

fn fallen(row: &ApiProof, floor: &Floor) -> Option<Fallen> {
    let floor = floor.proven.get(&row.api).copied().unwrap_or_default();
    let fell = || Fallen { api: row.api, floor, proven: row.proven, unproven: row.unproven.clone() };
    (row.proven < floor).then(fell)
}

impl fmt::Display for Floor {
    /// As it stands in `catalogue/proof-floor.toml`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# How many entries of each API have been provoked by a test. A number may only rise.\n"
        )?;
        writeln!(f, "[proven]")?;
        for (api, proven) in &self.proven {
            writeln!(f, "\"{api}\" = {proven}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ProofTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<20}{:>8}{:>9}{:>8}{:>8}", "API", "entries", "reserved", "proven", "share")?;
        for row in &self.apis {
            let ApiProof { api, entries, reserved, proven, .. } = row;
            let percent = row.share() * 100.0;
            writeln!(f, "{:<20}{entries:>8}{reserved:>9}{proven:>8}{percent:>7.1}%", api.as_str())?;
        }
        Ok(())
    }
}
