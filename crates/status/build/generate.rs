//! From entries to Rust source: static data, so that nothing is parsed when a program starts.

use std::fmt::Write as _;

use crate::entry::{Api, Entry};
use crate::lint::{Block, Exception};

/// The whole generated file.
pub fn source(entries: &[Entry], blocks: &[Block], exceptions: &[Exception]) -> String {
    let mut out = String::new();
    out.push_str("/// Every entry of every API, in the order of the data files.\npub static CATALOGUE: &[Entry] = &[\n");
    for entry in entries {
        literal(&mut out, entry);
    }
    out.push_str("];\n\n/// The blocks of numbers and who owns them.\npub static BLOCKS: &[Block] = &[\n");
    for block in blocks {
        let Block { api, controller, from, to } = block;
        put(
            &mut out,
            format_args!(
                "Block {{ api: Api::{api:?}, controller: {controller:?}, from: {from}, to: {to} }},\n"
            ),
        );
    }
    out.push_str(
        "];\n\n/// The numbers published outside the blocks.\npub static EXCEPTIONS: &[Exception] = &[\n",
    );
    for exception in exceptions {
        let Exception { api, code, reason } = exception;
        put(&mut out, format_args!("Exception {{ api: Api::{api:?}, code: {code}, reason: {reason:?} }},\n"));
    }
    out.push_str("];\n");
    for api in Api::ALL {
        code_enum(&mut out, *api, entries);
    }
    out
}

fn literal(out: &mut String, e: &Entry) {
    put(
        out,
        format_args!(
            "Entry {{ family: Family::{:?}, api: Api::{:?}, controller: {:?}, ",
            e.family, e.api, e.controller
        ),
    );
    put(out, format_args!("code: {}, code_last: {:?}, code_text: {:?}, ", e.code, e.code_last, e.code_text));
    put(out, format_args!("id: {:?}, name: {:?}, message: {:?}, ", e.id, e.name, e.message));
    put(out, format_args!("template: {:?}, meaning: {:?}, cause: {:?}, ", e.template, e.meaning, e.cause));
    put(
        out,
        format_args!("remedy: {:?}, class: Class::{:?}, phase: Phase::{:?}, ", e.remedy, e.class, e.phase),
    );
    put(out, format_args!("http_status: {}, retry: Retry::{:?}, ", e.http_status, e.retry));
    put(out, format_args!("permanence: Permanence::{:?}, channels: &{:?}, ", e.permanence, e.channels));
    put(out, format_args!("evidence: Evidence::{:?}, seed_rows: {}, ", e.evidence, e.seed_rows));
    put(out, format_args!("note: {:?}, reserved: {:?} }},\n", e.note, e.reserved));
}

/// One enum: the API's entries lie side by side in the catalogue, so a variant is an offset.
fn code_enum(out: &mut String, api: Api, entries: &[Entry]) {
    let start = entries.iter().position(|entry| entry.api == api).unwrap_or(entries.len());
    put(
        out,
        format_args!("\ncode_enum! {{\n    /// The codes of the {api} API.\n    {api:?}Code, {start}, [\n"),
    );
    for entry in entries.iter().filter(|entry| entry.api == api) {
        let doc = format!("`{}` {}", entry.code, entry.meaning);
        put(out, format_args!("        #[doc = {doc:?}]\n        {},\n", pascal(entry.id)));
    }
    out.push_str("    ]\n}\n");
}

/// `destination-missing` becomes `DestinationMissing`.
pub fn pascal(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for word in id.split('-') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
}
