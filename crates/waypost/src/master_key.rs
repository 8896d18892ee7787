//! The key that seals provider passwords and call-back secrets at rest: found, or made at the first start.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use waypost_store::seal::MasterKey;

use crate::config::Config;

/// The configured key; with none configured, the one in the data folder, made when absent.
///
/// # Errors
/// When the key is unreadable or malformed, or the data folder is not writable.
pub fn load_or_create(config: &Config) -> anyhow::Result<MasterKey> {
    let secrets = &config.secrets;
    if !secrets.master_key.is_empty() {
        return MasterKey::from_base64(secrets.master_key.expose()).context("secrets.master_key");
    }
    if !secrets.master_key_file.as_os_str().is_empty() {
        return read(&secrets.master_key_file);
    }
    let file = generated_file(&config.store.data_dir);
    if file.exists() { read(&file) } else { create(&file) }
}

fn generated_file(data_dir: &Path) -> PathBuf {
    data_dir.join("master.key")
}

fn read(file: &Path) -> anyhow::Result<MasterKey> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the master key {} cannot be read", file.display()))?;
    MasterKey::from_base64(&text).with_context(|| format!("{}", file.display()))
}

/// Makes a key readable by its owner only; the folder is made too.
fn create(file: &Path) -> anyhow::Result<MasterKey> {
    let key = MasterKey::generate()?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target =
        options.open(file).with_context(|| format!("making the master key {}", file.display()))?;
    writeln!(target, "{}", key.to_base64())?;
    target.sync_all()?;
    tracing::info!(file = %file.display(), "made a new master key; back it up apart from the data");
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_made_at_the_first_start_is_found_at_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.data_dir = folder.path().join("data");
        let first = load_or_create(&config).unwrap();
        let sealed = first.seal("place", b"plain").unwrap();
        assert_eq!(&*load_or_create(&config).unwrap().open("place", &sealed).unwrap(), b"plain");
    }

    #[test]
    fn a_configured_key_goes_before_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let mut config = Config::default();
        config.store.data_dir = folder.path().join("data");
        config.secrets.master_key = crate::config::Secret::new(key.to_base64());
        let sealed = key.seal("place", b"plain").unwrap();
        assert_eq!(&*load_or_create(&config).unwrap().open("place", &sealed).unwrap(), b"plain");
        assert!(!config.store.data_dir.exists());
    }
}
