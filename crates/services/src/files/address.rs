//! Where clamd listens.

use std::fmt;
use std::path::PathBuf;

/// A socket of clamd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScannerAddress {
    /// `host:port`.
    Tcp(String),
    /// A path.
    Unix(PathBuf),
}

impl ScannerAddress {
    /// Reads `unix:/run/clamav/clamd.ctl`, or `host:port`.
    ///
    /// # Errors
    /// In words, for anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.starts_with('/') {
                Ok(Self::Unix(PathBuf::from(path)))
            } else {
                Err("the path after `unix:` must be absolute".to_owned())
            };
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0) => {
                Ok(Self::Tcp(text.to_owned()))
            }
            _ => Err("neither `host:port` nor `unix:/path`".to_owned()),
        }
    }
}

impl fmt::Display for ScannerAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => out.write_str(address),
            Self::Unix(path) => write!(out, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_with_a_port_or_a_path() {
        for text in ["127.0.0.1:3310", "[::1]:3310", "clamav:3310", "unix:/run/clamav/clamd.ctl"] {
            assert_eq!(ScannerAddress::parse(text).unwrap().to_string(), text);
        }
        for odd in ["", "clamav", "clamav:0", ":3310", "unix:clamd.ctl", "clamav:x"] {
            assert!(ScannerAddress::parse(odd).is_err(), "{odd}");
        }
    }
}
