//! What the operator decides about everything that leaves.

use std::path::PathBuf;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use thiserror::Error;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct EgressPolicy {
    /// Networks that may be spoken to although they are not public.
    pub allowed: Vec<IpNet>,
    /// When given, only these ports.
    pub ports: Option<Vec<u16>>,
    /// A PEM file with certificate authorities to trust beside the public ones.
    pub extra_ca_file: Option<PathBuf>,
    /// Idle connections kept for one scheme, host and port.
    pub idle_per_host_max: usize,
    /// Idle connections kept in all.
    pub idle_max: usize,
    /// An idle connection is closed after this, milliseconds.
    pub idle_ms: u64,
    /// HTTP/2 connections to one scheme, host and port.
    pub h2_per_host_max: usize,
    /// HTTP/2 connections in all.
    pub h2_max: usize,
    /// Exchanges on one HTTP/2 connection at a time; the far side may allow fewer.
    pub h2_streams_max: usize,
    /// An HTTP/2 connection without an exchange is closed after this, milliseconds.
    pub h2_idle_ms: u64,
    /// Bytes of a response's head, at least 8,192.
    pub head_bytes_max: usize,
    /// The `user-agent` header.
    pub user_agent: String,
}

impl Default for EgressPolicy {
    /// Public addresses only, any port.
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            ports: None,
            extra_ca_file: None,
            idle_per_host_max: 32,
            idle_max: 1_024,
            idle_ms: 30_000,
            h2_per_host_max: 4,
            h2_max: 256,
            h2_streams_max: 100,
            h2_idle_ms: 300_000,
            head_bytes_max: 32_768,
            user_agent: concat!("waypost/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl EgressPolicy {
    /// The default, with every address allowed: for what the operator names, never for what a tenant or a partner does.
    #[must_use]
    pub fn operators() -> Self {
        let v4 = Ipv4Net::new_assert(std::net::Ipv4Addr::UNSPECIFIED, 0);
        let v6 = Ipv6Net::new_assert(std::net::Ipv6Addr::UNSPECIFIED, 0);
        Self { allowed: vec![v4.into(), v6.into()], ..Self::default() }
    }

    /// The default, with this host allowed: for the sandbox and tests.
    #[must_use]
    pub fn sandbox() -> Self {
        let v4 = Ipv4Net::new_assert(std::net::Ipv4Addr::new(127, 0, 0, 0), 8);
        let v6 = Ipv6Net::new_assert(std::net::Ipv6Addr::LOCALHOST, 128);
        Self { allowed: vec![v4.into(), v6.into()], ..Self::default() }
    }
}

/// Why the client cannot be set up.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The file with certificate authorities cannot be used.
    #[error("the CA file {path} cannot be used: {detail}")]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The TLS provider refuses its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The `user-agent` is not a header value.
    #[error("the user agent is not a header value")]
    UserAgent,
}
