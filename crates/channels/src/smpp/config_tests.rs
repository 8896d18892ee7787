use super::*;
use crate::smpp::outcomes::{Retry, SubmitRow};

const LEAST: &str = r#"
    name = "main"
    host = "smsc.example"
    system_id = "waypost"
    password = "secret"
"#;

#[test]
fn little_is_needed_and_the_rest_has_defaults() {
    let read: ConnectionConfig = toml::from_str(LEAST).unwrap();
    let made = ConnectionConfig::new("main", "smsc.example", 2775, "waypost", "secret");
    assert_eq!((read.check(), made.check()), (Ok(()), Ok(())));
    assert_eq!((read.window, read.port, read.weight, read.registered_delivery), (100, 2775, 1, 1));
    assert_eq!((read.bind_mode, read.concatenation), (BindMode::Transceiver, Concatenation::Udh8));
    assert_eq!(format!("{read:?}"), format!("{made:?}"));
}

#[test]
fn the_password_is_not_shown() {
    let read: ConnectionConfig = toml::from_str(LEAST).unwrap();
    assert!(!format!("{read:?}").contains("secret"));
}

#[test]
fn unknown_fields_and_unverified_tls_are_refused() {
    for extra in ["windo = 5", "[tls]\ninsecure = true"] {
        assert!(toml::from_str::<ConnectionConfig>(&format!("{LEAST}\n{extra}")).is_err(), "{extra}");
    }
}

#[test]
fn a_configuration_that_cannot_work_names_its_field() {
    let fault = |change: fn(&mut ConnectionConfig)| {
        let mut config = ConnectionConfig::new("main", "smsc.example", 2775, "waypost", "secret");
        change(&mut config);
        config.check().unwrap_err().to_string()
    };
    assert_eq!(fault(|c| c.window = 0), "connection main: window must be at least 1");
    assert_eq!(
        fault(|c| c.password = "123456789".into()),
        "connection main: password must be at most 8 octets"
    );
    assert_eq!(
        fault(|c| c.reconnect_max_ms = 1),
        "connection main: reconnect_max_ms must not be below the minimum"
    );
    assert_eq!(
        fault(|c| {
            let row = SubmitRow { status: 1, name: "x".into(), code: 7107, retry: Retry::Never };
            c.outcomes.submit = vec![row.clone(), row];
        }),
        "connection main: outcomes must not name a status, or a stat and err, twice"
    );
}
