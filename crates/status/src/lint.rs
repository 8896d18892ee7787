//! The rules every row of the catalogue keeps. The build fails on a finding, so a broken row never reaches a program.

use std::collections::BTreeMap;
use std::fmt;

use crate::entry::{Api, Entry, Family};
use crate::template::pieces;

/// A range of numbers owned by an API or, for MTAPI, by one of its controllers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The owner.
    pub api: Api,
    /// MTAPI only.
    pub controller: Option<&'static str>,
    /// First number.
    pub from: i64,
    /// Last number.
    pub to: i64,
}

/// A number that is published outside its owner's blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The owner.
    pub api: Api,
    /// The number.
    pub code: i64,
    /// Why it is accepted.
    pub reason: &'static str,
}

/// The rule a row breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Two rows of one API have the same id, so their keys or variants would clash.
    DuplicateId,
    /// The id is not kebab-case beginning with a letter.
    IdNotKebab,
    /// The named text is blank.
    TextMissing(&'static str),
    /// The named text is not a sentence (it does not end in a full stop).
    NotASentence(&'static str),
    /// The number lies in no block of its owner and is no listed exception.
    OutsideBlock,
    /// A brace in the template has no partner, or the name between a pair is not a name.
    PlaceholderBroken,
    /// The HTTP status is not one, or not the 200 that the messaging family always answers.
    HttpStatus(u16),
    /// The written number differs from the number.
    CodeText,
    /// A block of numbers is not reserved, or ends before it begins.
    BlockUsable,
    /// The reason of a reserved row is blank.
    ReasonMissing,
    /// The row claims to stand for rows of a list it was not taken from.
    SeedRowsWithoutSeed,
}

/// A row and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row's key.
    pub key: String,
    /// The rule.
    pub fault: Fault,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.key, self.fault)
    }
}

/// Checks `entries` against all rules, in the order of the rows.
pub fn lint_against(entries: &[Entry], blocks: &[Block], exceptions: &[Exception]) -> Vec<Finding> {
    let mut rows_of_id: BTreeMap<(Api, &str), usize> = BTreeMap::new();
    for entry in entries {
        *rows_of_id.entry((entry.api, entry.id)).or_default() += 1;
    }
    let mut findings = Vec::new();
    for entry in entries {
        let mut faults = Vec::new();
        if rows_of_id.get(&(entry.api, entry.id)).is_some_and(|rows| *rows > 1) {
            faults.push(Fault::DuplicateId);
        }
        check_texts(entry, &mut faults);
        check_numbers(entry, &mut faults);
        if !in_block(entry, blocks, exceptions) {
            faults.push(Fault::OutsideBlock);
        }
        findings.extend(faults.into_iter().map(|fault| Finding { key: entry.key(), fault }));
    }
    findings
}

fn check_texts(entry: &Entry, faults: &mut Vec<Fault>) {
    if !is_kebab(entry.id) {
        faults.push(Fault::IdNotKebab);
    }
    for (field, text) in [("name", entry.name), ("message", entry.message)] {
        if text.trim().is_empty() {
            faults.push(Fault::TextMissing(field));
        }
    }
    for (field, text) in [("meaning", entry.meaning), ("cause", entry.cause), ("remedy", entry.remedy)] {
        if text.trim().is_empty() {
            faults.push(Fault::TextMissing(field));
        } else if !text.ends_with('.') {
            faults.push(Fault::NotASentence(field));
        }
    }
    if pieces(entry.text()).is_none() {
        faults.push(Fault::PlaceholderBroken);
    }
    if entry.reserved.is_some_and(|reason| reason.trim().is_empty()) {
        faults.push(Fault::ReasonMissing);
    }
}

fn check_numbers(entry: &Entry, faults: &mut Vec<Fault>) {
    let expected = if entry.family == Family::Messaging { 200..=200 } else { 200..=599 };
    if !expected.contains(&entry.http_status) {
        faults.push(Fault::HttpStatus(entry.http_status));
    }
    if entry.code_text != entry.code.to_string() {
        faults.push(Fault::CodeText);
    }
    if entry.code_last.is_some_and(|last| last <= entry.code || !entry.is_reserved()) {
        faults.push(Fault::BlockUsable);
    }
    if entry.seed_rows > 0 && entry.evidence != crate::entry::Evidence::Seed {
        faults.push(Fault::SeedRowsWithoutSeed);
    }
}

fn in_block(entry: &Entry, blocks: &[Block], exceptions: &[Exception]) -> bool {
    let last = entry.code_last.unwrap_or(entry.code);
    let owned = blocks.iter().any(|block| {
        block.api == entry.api
            && block.controller == entry.controller
            && (block.from..=block.to).contains(&entry.code)
            && (block.from..=block.to).contains(&last)
    });
    owned || exceptions.iter().any(|exception| exception.api == entry.api && exception.code == entry.code)
}

fn is_kebab(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}
