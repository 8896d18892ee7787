use std::path::Path;

use super::{Config, Faults, load_text};

const EXAMPLE: &str = include_str!("../../../../waypost.example.toml");

fn faults(text: &str) -> Vec<String> {
    faults_with(text, &[])
}

fn faults_with(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let Faults(faults) = load_text(Path::new("w.toml"), text, variables).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_defaults_keep_every_rule() {
    assert_eq!(load_text(Path::new(""), "", Vec::new()), Ok(Config::default()));
}

#[test]
fn the_example_is_the_defaults() {
    assert_eq!(load_text(Path::new("waypost.example.toml"), EXAMPLE, Vec::new()), Ok(Config::default()));
}

#[test]
fn every_setting_stands_in_the_example_under_a_comment() {
    let known = toml::Table::try_from(Config::default()).unwrap();
    let shown: toml::Table = toml::from_str(EXAMPLE).unwrap();
    for (section, settings) in &known {
        for key in settings.as_table().unwrap().keys() {
            assert!(
                shown.get(section).and_then(|s| s.get(key)).is_some(),
                "{section}.{key} is not in the example"
            );
            let line = EXAMPLE.lines().position(|line| line.starts_with(&format!("{key} ="))).unwrap();
            let before = EXAMPLE.lines().nth(line - 1).unwrap();
            assert!(before.starts_with("# "), "{section}.{key} has no comment");
        }
    }
}

#[test]
fn all_faults_are_told_at_once_each_with_its_line() {
    let text = "[server]\nlisten = \"127.0.0.1:0\"\nlistn = 1\nbody_bytes_max = \"big\"\n\
                trusted_proxies = [\"10.0.0.0/33\"]\n[sever]\nx = 1\n";
    insta::assert_snapshot!(faults(text).join("\n"), @r#"
    w.toml:2: server.listen: port 0 means a random port, so no client could know where the server is
        remedy: give a fixed port, for example 127.0.0.1:8080
    w.toml:3: server.listn: there is no setting `listn` in [server]
        remedy: did you mean `listen`?
    w.toml:4: server.body_bytes_max: invalid type: string "big", expected usize
        remedy: give a value like the default, 1048576
    w.toml:5: server.trusted_proxies: `10.0.0.0/33` is neither a network such as 10.1.0.0/16 nor an address
        remedy: give a value like the default, []
    w.toml:6: sever: there is no section [sever]
        remedy: did you mean `server`?
    "#);
}

#[test]
fn a_lease_that_is_not_longer_than_the_deadline_is_refused() {
    insta::assert_snapshot!(faults("[callbacks]\ntimeout_ms = 60000\n").join("\n"), @"
    default: delivery.lease_ms: the lease (60000 ms) is not 5000 ms longer than callbacks.timeout_ms (60000 ms), so an item could be sent twice at once
        remedy: raise the lease above 65000 or lower callbacks.timeout_ms
    ");
}

#[test]
fn an_unreadable_master_key_is_refused() {
    let found = faults("\n[secrets]\nmaster_key_file = \"/no/such/key\"\n");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with(
            "w.toml:3: secrets.master_key_file: the master key cannot be read from /no/such/key"
        )
    );
}

#[test]
fn broken_toml_is_told_with_its_line() {
    let found = faults("[server]\nlisten = \n[log]\nlevel = \"loud,\"\nformat = \"xml\"\n");
    assert!(found[0].starts_with("w.toml:2: not valid TOML"), "{found:?}");
    assert!(
        found.iter().any(|fault| fault.starts_with("w.toml:5: log.format: unknown variant `xml`")),
        "{found:?}"
    );
}

#[test]
fn a_variable_overrides_the_file() {
    let variables = vec![
        ("WAYPOST__SERVER__LISTEN".to_owned(), "0.0.0.0:9000".to_owned()),
        ("WAYPOST__CALLBACKS__RETRY_DELAYS_S".to_owned(), "[1, 2]".to_owned()),
        ("WAYPOST__STORE__ENGINE".to_owned(), "postgres".to_owned()),
        ("WAYPOST__STORE__URL".to_owned(), "postgres://u:p@h/d".to_owned()),
        ("HOME".to_owned(), "/".to_owned()),
    ];
    let config = load_text(Path::new("w.toml"), "[server]\nlisten = \"127.0.0.1:1\"\n", variables).unwrap();
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:9000");
    assert_eq!(config.callbacks.retry_delays_s, [1, 2]);
    assert_eq!(config.store.url.expose(), "postgres://u:p@h/d");
}

#[test]
fn a_bad_variable_is_named() {
    let found = faults_with(
        "",
        &[("WAYPOST__SERVER__PORT", "1"), ("WAYPOST__X", "1"), ("WAYPOST__SMS__SUBMIT_DEADLINE_MS", "x")],
    );
    insta::assert_snapshot!(found.join("\n"), @r#"
    $WAYPOST__SERVER__PORT: server.port: there is no setting `port` in [server]
        remedy: known here: body_bytes_max, body_timeout_ms, connections_max, header_timeout_ms, listen, request_timeout_ms, trusted_proxies
    $WAYPOST__X: the name is not WAYPOST__SECTION__KEY
        remedy: for example WAYPOST__SERVER__LISTEN
    $WAYPOST__SMS__SUBMIT_DEADLINE_MS: sms.submit_deadline_ms: invalid type: string "x", expected u64
        remedy: give a value like the default, 20000
    "#);
}

#[test]
fn a_secret_is_never_printed() {
    let config = load_text(
        Path::new("w.toml"),
        "[store]\nengine = \"postgres\"\nurl = \"postgres://u:hunter2@h/d\"\n",
        Vec::new(),
    )
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn nothing_is_pruned_while_it_is_waited_for_or_tried() {
    let text = "[sms]\nreceipt_window_h = 49\nunmatched_receipt_h = 49\n\
                [retention]\nmessages_days = 3\nunmatched_receipts_days = 2\n";
    insta::assert_snapshot!(faults(text).join("\n"), @r#"
    w.toml:5: retention.messages_days: messages are pruned before their receipts are given up (after 3 days)
        remedy: keep messages longer than sms.receipt_window_h
    w.toml:6: retention.unmatched_receipts_days: receipts are pruned while they are still tried (for 3 days)
        remedy: keep receipts for at least sms.unmatched_receipt_h
    "#);
    let kept = "[sms]\nunmatched_receipt_h = 49\n[retention]\nunmatched_receipts_days = 3\n";
    assert!(load_text(Path::new("w.toml"), kept, Vec::new()).is_ok());
}

#[test]
fn each_fault_of_the_relay_is_told_with_its_remedy() {
    let text = "[email]\nrelay = \"smtp.example.org\"\nfrom = \"nobody\"\nuser = \"me\"\nallowed_recipients = [\"b.ca\"]\n\
                [content]\nalert_mail = [\"ops\"]\n";
    let told = faults(text).join("\n");
    for part in [
        "email.relay: `smtp.example.org` is no host with a port",
        "email.from: `nobody`: this is not an e-mail address",
        "email.password: a user is given without a password",
        "email.allowed_recipients: `b.ca`: this is not an e-mail address",
        "content.alert_mail: `ops`: this is not an e-mail address",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let clear =
        faults("[email]\nrelay = \"smtp.example.org:25\"\ntls = \"off\"\nfrom = \"a@b.ca\"\n").join("\n");
    assert!(
        clear.contains("email.tls: letters and passwords would go to smtp.example.org in clear"),
        "{clear}"
    );
    let none = faults("[content]\nalert_mail = [\"ops@b.ca\"]\n").join("\n");
    assert!(none.contains("content.alert_mail: alerts are to be mailed, but there is no relay"), "{none}");
}

#[test]
fn a_relay_of_this_machine_needs_no_tls_and_a_password_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "s3cret\n").unwrap();
    let text = format!(
        "[email]\nrelay = \"[::1]:25\"\ntls = \"off\"\nfrom = \"A <a@b.ca>\"\nuser = \"me\"\npassword_file = {file:?}\n"
    );
    let config = load_text(Path::new("w.toml"), &text, Vec::new()).unwrap();
    assert_eq!(config.email.place(), Ok(("::1".to_owned(), 25)));
    assert_eq!(config.email.login(), Ok(Some(("me".to_owned(), "s3cret".to_owned()))));
    assert!(!format!("{:?}", config.email).contains("s3cret"));
    std::fs::write(&file, "").unwrap();
    assert!(faults(&text)[0].contains("has no password on its first line"));
}

#[test]
fn a_broker_with_tls_has_a_port_of_its_own_and_only_it_has_authorities() {
    let account = "broker_user = \"me\"\nbroker_password = \"secret\"\n";
    let load =
        |text: &str| load_text(Path::new("w.toml"), &format!("[realtime]\n{text}{account}"), Vec::new());
    for (broker, place) in [
        ("mqtt://broker", ("broker", 1883, false)),
        ("mqtts://broker", ("broker", 8883, true)),
        ("mqtts://[::1]:1", ("::1", 1, true)),
    ] {
        let found = load(&format!("broker = \"{broker}\"\n")).unwrap().realtime.external().unwrap();
        assert_eq!((found.host.as_str(), found.port, found.with_tls), place);
    }
    load("broker = \"mqtts://broker\"\nbroker_ca = \"ca.pem\"\n").unwrap();
    let clear = faults(&format!("[realtime]\nbroker = \"mqtt://broker\"\nbroker_ca = \"ca.pem\"\n{account}"));
    assert!(
        clear.join("\n").contains("realtime.broker_ca: the broker is spoken to without TLS"),
        "{clear:?}"
    );
    let other = faults(&format!("[realtime]\nbroker = \"http://broker\"\n{account}"));
    assert!(other.join("\n").contains("realtime.broker: neither `embedded` nor the address"), "{other:?}");
}

#[test]
fn a_broker_that_asks_has_a_rest_api_and_a_key_to_ask_with_and_no_other_has() {
    let account = "broker_user = \"me\"\nbroker_password = \"secret\"\n";
    let emqx = "broker_kind = \"emqx\"\nbroker_api_key = \"key\"\nbroker_api_secret = \"secret\"\n";
    let asks = "broker_asks_with = \"0123456789abcdef\"\n";
    let broker = "[realtime]\nbroker = \"mqtt://broker\"\n";
    let load = |text: &str| load_text(Path::new("w.toml"), text, Vec::new());
    let api = "broker_api = \"http://broker:18083\"\n";
    let whole = load(&format!("{broker}{account}{emqx}{asks}{api}")).unwrap().realtime;
    assert_eq!(whole.broker_api().unwrap().as_str(), "http://broker:18083/");
    // The authorities may be those of the REST API alone.
    let secure = "broker_api = \"https://broker:18084\"\nbroker_ca = \"ca.pem\"\n";
    load(&format!("{broker}{account}{emqx}{asks}{secure}")).unwrap();
    for (text, fault) in [
        (format!("{broker}{account}{emqx}{asks}"), "realtime.broker_api: not the address of a REST API"),
        (format!("{broker}{account}{emqx}{api}"), "realtime.broker_asks_with: fewer than 16 bytes"),
        (format!("{broker}{account}{asks}{api}"), "realtime.broker_kind: realtime.broker_api and its kin"),
        (
            format!("{broker}{account}broker_kind = \"emqx\"\n{asks}{api}"),
            "realtime.broker_api_key: the REST API",
        ),
        (format!("{broker}{emqx}{asks}{api}"), "realtime.broker_user: a broker of its own"),
        (
            "[realtime]\nbroker_kind = \"emqx\"\n".to_owned(),
            "realtime.broker_kind: the broker is the one inside",
        ),
        (format!("{broker}{account}broker_kind = \"rabbit\"\n"), "realtime.broker_kind"),
    ] {
        let told = faults(&text).join("\n");
        assert!(told.contains(fault), "{fault}: {told}");
    }
    for api in ["broker:18083", "ftp://broker", "http://me:secret@broker", "http://broker?x=1"] {
        let told = faults(&format!("{broker}{account}{emqx}{asks}broker_api = \"{api}\"\n")).join("\n");
        assert!(told.contains("realtime.broker_api: not the address"), "{api}: {told}");
    }
}

#[test]
fn authorities_of_the_store_are_for_one_that_is_spoken_to_with_tls() {
    let postgres = |url: &str| format!("[store]\nengine = \"postgres\"\nca = \"ca.pem\"\nurl = \"{url}\"\n");
    load_text(Path::new("w.toml"), &postgres("postgres://me@db/waypost?sslmode=require"), Vec::new())
        .unwrap();
    for text in [postgres("postgres://me@db/waypost"), "[store]\nca = \"ca.pem\"\n".to_owned()] {
        let told = faults(&text).join("\n");
        assert!(told.contains("store.ca: the store is not spoken to with TLS"), "{told}");
    }
}
