//! Which entries the tests have provoked.
//!
//! Every test process appends the keys it has seen to a file of its own below one directory; a last step reads them all,
//! makes the [`table`] and compares it with the floor that is committed beside the catalogue.

mod observed;
mod table;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

pub use observed::observed;
pub use table::{ApiProof, Fallen, Floor, FloorError, ProofError, ProofTable, table};

/// The environment variable that names the directory of proofs.
pub const DIR_VARIABLE: &str = "WAYPOST_PROOF_DIR";

/// Appends `key` to this process's file below `dir`, which is made if it is not there.
///
/// # Errors
/// When the directory or file cannot be written.
pub fn record(dir: &Path, key: &str) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let path = dir.join(format!("{}.log", std::process::id()));
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    // One write for the whole line: threads of a test process share the file.
    file.write_all(format!("{key}\n").as_bytes())
}

/// [`record`] into the directory named by [`DIR_VARIABLE`]; does nothing when it is not set.
///
/// # Errors
/// When the variable is set and the directory or file cannot be written.
pub fn record_env(key: &str) -> io::Result<()> {
    std::env::var_os(DIR_VARIABLE).map_or(Ok(()), |dir| record(Path::new(&dir), key))
}

/// The keys that all processes have recorded below `dir`.
///
/// # Errors
/// When the directory or one of its files cannot be read.
pub fn load(dir: &Path) -> io::Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for file in fs::read_dir(dir)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            let text = fs::read_to_string(path)?;
            keys.extend(text.lines().filter(|line| !line.is_empty()).map(str::to_owned));
        }
    }
    Ok(keys)
}
