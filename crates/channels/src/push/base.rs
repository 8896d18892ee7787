//! Which addresses an account may name.

use url::{Host, Url};

/// What is wrong with an account's settings or credentials: the key and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {rule}")]
pub struct SettingsError {
    /// The key in `config` or `secrets`.
    pub key: &'static str,
    /// What must hold.
    pub rule: String,
}

impl SettingsError {
    pub(super) fn new(key: &'static str, rule: impl Into<String>) -> Self {
        Self { key, rule: rule.into() }
    }
}

/// A base address: `https`, or `http` to this machine, so that no credential crosses a network in the clear; to this
/// machine only for a sandbox account.
pub(super) fn base(key: &'static str, text: &str, sandbox: bool) -> Result<Url, SettingsError> {
    let rule = |rule: &str| SettingsError::new(key, rule);
    let url: Url = text.parse().map_err(|_| rule("it must be a URL"))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(rule("it must be a URL without a query and a fragment"));
    }
    let here = is_loopback(&url);
    match url.scheme() {
        _ if sandbox && !here => Err(rule("a sandbox account may only reach this machine")),
        "https" => Ok(url),
        "http" if here => Ok(url),
        _ => Err(rule("it must be an https URL, or an http URL of this machine")),
    }
}

/// Whether a URL leads to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(addr)) => addr.is_loopback(),
        Some(Host::Ipv6(addr)) => addr.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// `base` with these segments behind its path, each escaped.
pub(super) fn below(base: &Url, segments: &[&str]) -> Option<Url> {
    let mut url = base.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(segments);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine_and_for_a_sandbox_only_this_machine() {
        let table = [
            ("https://fcm.googleapis.com", true, false),
            ("https://fcm.googleapis.com/prefix", true, false),
            ("http://fcm.googleapis.com", false, false),
            ("http://10.0.0.1:8080", false, false),
            ("http://127.0.0.1:8080", true, true),
            ("http://[::1]:8080/x", true, true),
            ("http://localhost:1", true, true),
            ("http://localhost.evil.test:1", false, false),
            ("https://127.0.0.1:8443", true, true),
            ("https://fcm.test/?a=b", false, false),
            ("https://fcm.test/#a", false, false),
            ("ftp://127.0.0.1", false, false),
            ("fcm.googleapis.com", false, false),
            ("", false, false),
        ];
        for (text, ours, sandbox) in table {
            assert_eq!(base("k", text, false).is_ok(), ours, "{text}");
            assert_eq!(base("k", text, true).is_ok(), sandbox, "{text} in the sandbox");
        }
    }

    #[test]
    fn segments_are_escaped_and_cannot_climb() {
        let base: Url = "http://127.0.0.1:1/p/".parse().unwrap();
        let url = below(&base, &["3", "device", "a/../?#b"]).unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:1/p/3/device/a%2F..%2F%3F%23b");
    }
}
