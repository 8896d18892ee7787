//! Reads the settings and credentials of an account.

use std::net::IpAddr;

use serde_json::Value;
use url::{Host, Url};

use crate::connector::{AppAccount, Handed};

/// Outcome code of an account that is set up wrongly.
const CONFIGURATION: u16 = 7114;

/// A text of the account's settings; empty counts as absent.
#[must_use]
pub fn text<'a>(account: &'a AppAccount, name: &str) -> Option<&'a str> {
    member(&account.config, name)
}

/// A text of the account's credentials; empty counts as absent.
#[must_use]
pub fn secret_text<'a>(account: &'a AppAccount, name: &str) -> Option<&'a str> {
    member(&account.secrets, name)
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The outcome of a credential or setting that is not there.
pub(crate) fn missing(name: &str) -> Handed {
    refused(format!("the account has no {name}"))
}

/// The address of `path` at the host that setting `name` gives, else at `default`.
///
/// # Errors
/// 7114 when it is no http URL, or a sandbox account points off this machine.
pub(crate) fn endpoint(account: &AppAccount, name: &str, default: &str, path: &str) -> Result<Url, Handed> {
    let base = text(account, name).unwrap_or(default);
    let url = Url::parse(&format!("{}{path}", base.trim_end_matches('/')))
        .map_err(|error| refused(format!("{name} is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(format!("{name} is no http URL")));
    }
    if account.sandbox && !has_loopback_host(&url) {
        return Err(refused(format!("{name} of a sandbox account leads off this machine")));
    }
    Ok(url)
}

fn refused(detail: String) -> Handed {
    Handed::Refused { code: CONFIGURATION, detail, address_is_dead: false }
}

/// Loopback by its literal address or the name every machine gives it; no resolver is asked.
#[must_use]
pub fn has_loopback_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account(base: &str, sandbox: bool) -> AppAccount {
        let config = json!({ "base_url": base });
        AppAccount { id: 1, app_id: "a".into(), revision: 1, config, secrets: json!({}), sandbox }
    }

    fn reached(base: &str, sandbox: bool) -> Result<String, u16> {
        match endpoint(&account(base, sandbox), "base_url", "https://real.example", "/x") {
            Ok(url) => Ok(url.into()),
            Err(Handed::Refused { code, .. }) => Err(code),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_sandbox_account_reaches_this_machine_only() {
        assert_eq!(reached("http://127.0.0.1:9/", true), Ok("http://127.0.0.1:9/x".to_owned()));
        assert_eq!(reached("http://[::1]:9", true), Ok("http://[::1]:9/x".to_owned()));
        assert_eq!(reached("http://localhost:9", true), Ok("http://localhost:9/x".to_owned()));
        for base in ["", "https://graph.example", "http://127.0.0.1.example", "http://10.0.0.1"] {
            assert_eq!(reached(base, true), Err(7114), "{base}");
        }
    }

    #[test]
    fn another_account_reaches_what_is_set_and_else_the_real_host() {
        assert_eq!(reached("", false), Ok("https://real.example/x".to_owned()));
        assert_eq!(reached("https://proxy.example/", false), Ok("https://proxy.example/x".to_owned()));
        assert_eq!(reached("ftp://proxy.example", false), Err(7114));
        assert_eq!(reached("not a url", false), Err(7114));
    }
}
