//! The committed pages are what the catalogue renders to. `UPDATE_DOCS=1` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use waypost_status::{CATALOGUE, docs};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/status-codes")
}

fn committed(dir: &Path, prefix: &str, pages: &mut BTreeMap<String, String>) -> io::Result<()> {
    for file in fs::read_dir(dir)? {
        let file = file?;
        let name = format!("{prefix}{}", file.file_name().to_string_lossy());
        if file.file_type()?.is_dir() {
            committed(&file.path(), &format!("{name}/"), pages)?;
        } else {
            pages.insert(name, fs::read_to_string(file.path())?);
        }
    }
    Ok(())
}

#[test]
fn the_committed_pages_are_what_the_catalogue_renders_to() {
    let rendered: BTreeMap<String, String> = docs::render().into_iter().collect();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        for (path, text) in &rendered {
            let path = root().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let mut found = BTreeMap::new();
    committed(&root(), "", &mut found).unwrap();
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        rendered.keys().collect::<Vec<_>>(),
        "the files differ; run with UPDATE_DOCS=1 and remove what is left over"
    );
    for (path, text) in &rendered {
        assert!(found[path] == *text, "{path} is not up to date; run with UPDATE_DOCS=1");
    }
}

#[test]
fn every_entry_has_one_anchor_and_the_index_links_to_it() {
    let pages: BTreeMap<String, String> = docs::render().into_iter().collect();
    let index = &pages["README.md"];
    let all: String = pages.values().map(String::as_str).collect();
    for entry in CATALOGUE {
        let anchor = docs::anchor(entry);
        assert_eq!(all.matches(&format!("<a id=\"{anchor}\"></a>")).count(), 1, "{anchor}");
        assert_eq!(index.matches(&format!("#{anchor})")).count(), 1, "{anchor}");
    }
}
