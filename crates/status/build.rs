//! Reads the catalogue, checks it, and writes it out as static data and one enum per API.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "src/entry.rs"]
#[expect(dead_code, reason = "the build script uses only part of what it shares with the library")]
mod entry;
#[path = "build/generate.rs"]
mod generate;
#[path = "src/lint.rs"]
mod lint;
#[path = "build/read.rs"]
mod read;
#[path = "src/template.rs"]
#[expect(dead_code, reason = "the build script uses only part of what it shares with the library")]
mod template;

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest.join("../../catalogue");
    for watched in ["build.rs", "build", "src/entry.rs", "src/lint.rs", "src/template.rs"] {
        println!("cargo:rerun-if-changed={}", manifest.join(watched).display());
    }
    println!("cargo:rerun-if-changed={}", root.display());

    let entries = read::entries(&row_files(&root)?)?;
    let (blocks, exceptions) = read::blocks(&root.join("blocks.toml"))?;
    let findings = lint::lint_against(&entries, &blocks, &exceptions);
    if !findings.is_empty() {
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        return Err(format!("the catalogue breaks its rules:\n{}", lines.join("\n")).into());
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("catalogue.rs");
    fs::write(out, generate::source(&entries, &blocks, &exceptions))?;
    Ok(())
}

/// The files with rows, in a stable order: APIs in the order of `Api::ALL`, a directory's files by name.
fn row_files(root: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for api in entry::Api::ALL {
        let single = root.join(format!("{}.toml", api.slug()));
        let split = root.join(api.slug());
        if single.is_file() {
            files.push(single);
        } else {
            let mut parts: Vec<PathBuf> =
                fs::read_dir(&split)?.map(|part| part.map(|part| part.path())).collect::<Result<_, _>>()?;
            parts.retain(|part| part.extension().is_some_and(|extension| extension == "toml"));
            parts.sort();
            files.extend(parts);
        }
    }
    Ok(files)
}
