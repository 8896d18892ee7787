//! The key that seals provider passwords and call-back secrets at rest: found, or made at the first start.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::config::Config;

/// Bytes of the key.
pub const KEY_BYTES: usize = 32;

/// The 32 bytes that 64 hexadecimal digits stand for.
#[must_use]
pub fn decode(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != KEY_BYTES * 2 {
        return None;
    }
    let mut key = [0; KEY_BYTES];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    digits.iter().all(u8::is_ascii_hexdigit).then_some(key)
}

/// The configured key; with none configured, the one in the data folder, made when absent.
///
/// # Errors
/// When the key is unreadable or malformed, or the data folder is not writable.
pub fn load_or_create(config: &Config) -> anyhow::Result<[u8; KEY_BYTES]> {
    let text = if !config.secrets.master_key.is_empty() {
        config.secrets.master_key.expose().to_owned()
    } else if !config.secrets.master_key_file.as_os_str().is_empty() {
        read(&config.secrets.master_key_file)?
    } else {
        let file = generated_file(&config.store.data_dir);
        if file.exists() { read(&file)? } else { create(&file)? }
    };
    decode(text.trim()).ok_or_else(|| anyhow::anyhow!("the master key is not 64 hexadecimal digits"))
}

fn generated_file(data_dir: &Path) -> PathBuf {
    data_dir.join("master.key")
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file)
        .map_err(|error| anyhow::anyhow!("the master key {} cannot be read: {error}", file.display()))
}

/// Makes a key readable by its owner only; the folder is made too.
fn create(file: &Path) -> anyhow::Result<String> {
    let mut bytes = [0; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target = options.open(file)?;
    writeln!(target, "{text}")?;
    target.sync_all()?;
    tracing::warn!(file = %file.display(), "made a new master key; back it up apart from the data");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_is_64_hexadecimal_digits_and_nothing_else() {
        assert_eq!(decode(&"ab".repeat(32)), Some([0xab; 32]));
        assert_eq!(decode(&"ab".repeat(31)), None);
        assert_eq!(decode(&"+1".repeat(32)), None);
        assert_eq!(decode(&"é".repeat(32)), None);
    }

    #[test]
    fn a_key_made_at_the_first_start_is_found_at_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.store.data_dir = folder.path().join("data");
        let first = load_or_create(&config).unwrap();
        assert_eq!(load_or_create(&config).unwrap(), first);
        assert_ne!(first, [0; KEY_BYTES]);
    }
}
