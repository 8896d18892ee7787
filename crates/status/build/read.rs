//! From the TOML files to entries: defaults of the file, and texts taken over from a twin in another API.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::entry::{Api, Class, Entry, Evidence, Family, Permanence, Phase, Retry};
use crate::lint::{Block, Exception};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    api: Api,
    family: Family,
    controller: Option<String>,
    #[serde(default)]
    defaults: Defaults,
    entry: Vec<Row>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    http_status: Option<u16>,
    evidence: Option<Evidence>,
    phase: Option<Phase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    code: i64,
    code_last: Option<i64>,
    name: Option<String>,
    message: String,
    template: Option<String>,
    same_as: Option<String>,
    meaning: Option<String>,
    cause: Option<String>,
    remedy: Option<String>,
    class: Option<Class>,
    phase: Option<Phase>,
    http_status: Option<u16>,
    retry: Option<Retry>,
    permanence: Option<Permanence>,
    channels: Option<Vec<String>>,
    evidence: Option<Evidence>,
    seed_rows: Option<u8>,
    note: Option<String>,
    reserved: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockFile {
    block: Vec<BlockRow>,
    exception: Vec<ExceptionRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockRow {
    api: Api,
    controller: Option<String>,
    from: i64,
    to: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionRow {
    api: Api,
    code: i64,
    reason: String,
}

/// Reads all rows. A twin must stand in an earlier file, so that `same_as` cannot go in circles.
pub fn entries(files: &[PathBuf]) -> Result<Vec<Entry>, Box<dyn Error>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut index_of_key: BTreeMap<String, usize> = BTreeMap::new();
    for path in files {
        let text = fs::read_to_string(path)?;
        let file: File = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let controller = file.controller.map(still);
        for row in file.entry {
            let place = format!("{}, entry {}", path.display(), row.id);
            let twin = match &row.same_as {
                None => None,
                Some(key) => {
                    let index = index_of_key.get(key).ok_or(format!("{place}: no entry {key} before it"))?;
                    entries.get(*index).cloned()
                }
            };
            let entry = build(row, twin, file.api, file.family, controller, &file.defaults)
                .map_err(|field| format!("{place}: {field} is missing"))?;
            index_of_key.insert(entry.key(), entries.len());
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// Reads the blocks of numbers and their exceptions.
pub fn blocks(path: &Path) -> Result<(Vec<Block>, Vec<Exception>), Box<dyn Error>> {
    let file: BlockFile = toml::from_str(&fs::read_to_string(path)?)?;
    let block = |row: BlockRow| Block {
        api: row.api,
        controller: row.controller.map(still),
        from: row.from,
        to: row.to,
    };
    let exception = |row: ExceptionRow| Exception { api: row.api, code: row.code, reason: still(row.reason) };
    Ok((file.block.into_iter().map(block).collect(), file.exception.into_iter().map(exception).collect()))
}

fn build(
    row: Row,
    twin: Option<Entry>,
    api: Api,
    family: Family,
    controller: Option<&'static str>,
    defaults: &Defaults,
) -> Result<Entry, &'static str> {
    let twin = twin.as_ref();
    let evidence = row.evidence.or(defaults.evidence).ok_or("evidence")?;
    let name = row.name.unwrap_or_else(|| crate::generate::pascal(&row.id));
    Ok(Entry {
        family,
        api,
        controller,
        code: row.code,
        code_last: row.code_last,
        code_text: still(row.code.to_string()),
        id: still(row.id),
        name: still(name),
        message: still(row.message),
        template: row.template.map(still),
        meaning: row.meaning.map(still).or(twin.map(|twin| twin.meaning)).ok_or("meaning")?,
        cause: row.cause.map(still).or(twin.map(|twin| twin.cause)).ok_or("cause")?,
        remedy: row.remedy.map(still).or(twin.map(|twin| twin.remedy)).ok_or("remedy")?,
        class: row.class.or(twin.map(|twin| twin.class)).ok_or("class")?,
        phase: row.phase.or(defaults.phase).ok_or("phase")?,
        http_status: row.http_status.or(defaults.http_status).ok_or("http_status")?,
        retry: row.retry.or(twin.map(|twin| twin.retry)).ok_or("retry")?,
        permanence: row.permanence.or(twin.map(|twin| twin.permanence)).ok_or("permanence")?,
        channels: row.channels.map(still_list).or(twin.map(|twin| twin.channels)).unwrap_or_default(),
        evidence,
        seed_rows: row.seed_rows.unwrap_or(u8::from(evidence == Evidence::Seed)),
        note: row.note.map(still),
        reserved: row.reserved.map(still),
    })
}

// A build script lives for a moment: leaking gives it the same `Entry` as the library, and with it the same rules.
fn still(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn still_list(texts: Vec<String>) -> &'static [&'static str] {
    let texts: Vec<&'static str> = texts.into_iter().map(still).collect();
    Box::leak(texts.into_boxed_slice())
}
