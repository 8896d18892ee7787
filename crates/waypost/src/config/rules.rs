//! The rules between settings and the world. One function per section; each fault names its remedy.

mod broker;

use waypost_store::seal::MasterKey;

use super::sections::Services;
use super::{Config, Engine, Fault, Place};

/// Longer than this no pause, window or deadline makes sense; also keeps sums far from overflow.
const YEAR_S: u64 = 366 * 24 * 3600;

/// How much longer than the longest attempt a lease must be, for the answer to be written.
const LEASE_MARGIN_MS: u64 = 5_000;

/// The longest a provider's answer to a part is waited for, milliseconds; a connection's own time-out is cut to it.
pub const SUBMIT_ANSWER_MS_MAX: u64 = 15_000;

/// Every rule `config` breaks; `place` tells where a setting was given.
pub(super) fn check(config: &Config, place: &dyn Fn(&str) -> Place) -> Vec<Fault> {
    let mut check = Check { place, faults: Vec::new() };
    check.server(config);
    check.store(config);
    check.secrets(config);
    check.delivery(config);
    check.callbacks(config);
    check.sms(config);
    check.realtime(config);
    check.links(config);
    check.services(config);
    check.content(config);
    check.email(config);
    check.retention(config);
    check.log(config);
    check.faults
}

struct Check<'a> {
    place: &'a dyn Fn(&str) -> Place,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn fault(&mut self, setting: &str, rule: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(Fault::new((self.place)(setting), setting, rule, remedy));
    }

    fn within(&mut self, setting: &str, value: u64, least: u64, most: u64) {
        if !(least..=most).contains(&value) {
            self.fault(
                setting,
                format!("{value} is outside {least} to {most}"),
                format!("give a value from {least} to {most}"),
            );
        }
    }

    fn server(&mut self, config: &Config) {
        let server = &config.server;
        if server.listen.port() == 0 {
            self.fault(
                "server.listen",
                "port 0 means a random port, so no client could know where the server is",
                "give a fixed port, for example 127.0.0.1:8080",
            );
        }
        self.within("server.body_bytes_max", server.body_bytes_max as u64, 1_024, 64 << 20);
        self.within("server.request_timeout_ms", server.request_timeout_ms, 100, 600_000);
        self.within("server.body_timeout_ms", server.body_timeout_ms, 100, 600_000);
        if server.request_timeout_ms <= server.body_timeout_ms {
            self.fault(
                "server.request_timeout_ms",
                format!(
                    "the backstop ({} ms) would cut a slow body (server.body_timeout_ms, {} ms) before its coded refusal",
                    server.request_timeout_ms, server.body_timeout_ms
                ),
                "make it longer than server.body_timeout_ms",
            );
        }
        self.within("server.header_timeout_ms", server.header_timeout_ms, 100, 600_000);
        self.within("server.connections_max", server.connections_max as u64, 1, 1_000_000);
    }

    fn store(&mut self, config: &Config) {
        let store = &config.store;
        match store.engine {
            Engine::Postgres if store.url.is_empty() => self.fault(
                "store.url",
                "the engine is postgres but no URL is given",
                "set WAYPOST__STORE__URL=postgres://user:password@host:5432/database",
            ),
            Engine::Postgres if !is_postgres_url(store.url.expose()) => self.fault(
                "store.url",
                "the URL does not name a PostgreSQL server",
                "start it with postgres://, for example postgres://user:password@host:5432/database",
            ),
            Engine::Sqlite if !store.url.is_empty() => self.fault(
                "store.url",
                "a URL is given but the engine is sqlite, which would ignore it",
                "set store.engine = \"postgres\", or remove the URL",
            ),
            Engine::Postgres | Engine::Sqlite => {}
        }
        if !store.ca.as_os_str().is_empty() && !store.url.expose().contains("sslmode=require") {
            self.fault(
                "store.ca",
                "the store is not spoken to with TLS, so that nobody vouches for it",
                "add sslmode=require to store.url, or leave store.ca empty",
            );
        }
        if store.data_dir.as_os_str().is_empty() {
            self.fault("store.data_dir", "no folder is named", "name the folder that keeps the data");
        } else if store.data_dir.exists() && !store.data_dir.is_dir() {
            self.fault("store.data_dir", "this is not a folder", "name a folder, existing or to be made");
        }
        self.within("store.group_jobs_max", store.group_jobs_max as u64, 1, 10_000);
        self.within("store.write_queue_max", store.write_queue_max as u64, 100, 1_000_000);
        if store.write_queue_max < store.group_jobs_max {
            self.fault(
                "store.write_queue_max",
                format!(
                    "the queue ({}) is shorter than one group of {}",
                    store.write_queue_max, store.group_jobs_max
                ),
                "make it at least store.group_jobs_max",
            );
        }
    }

    fn secrets(&mut self, config: &Config) {
        let secrets = &config.secrets;
        let has_file = !secrets.master_key_file.as_os_str().is_empty();
        if !secrets.master_key.is_empty() {
            if has_file {
                self.fault(
                    "secrets.master_key_file",
                    "both master_key and master_key_file are given",
                    "keep one of them",
                );
            }
            if let Err(error) = MasterKey::from_base64(secrets.master_key.expose()) {
                self.fault("secrets.master_key", error.to_string(), MAKE_KEY);
            }
        } else if has_file {
            self.key_file(&secrets.master_key_file);
        }
    }

    fn key_file(&mut self, file: &std::path::Path) {
        match std::fs::read_to_string(file) {
            Err(error) => self.fault(
                "secrets.master_key_file",
                format!("the master key cannot be read from {}: {error}", file.display()),
                "name a file this user may read; a lost key cannot be replaced, sealed secrets must be entered again",
            ),
            Ok(text) if MasterKey::from_base64(&text).is_err() => self.fault(
                "secrets.master_key_file",
                format!("{} does not hold 32 bytes in base64", file.display()),
                MAKE_KEY,
            ),
            Ok(_) => {}
        }
    }

    fn delivery(&mut self, config: &Config) {
        let lease_ms = config.delivery.lease_ms;
        self.within("delivery.lease_ms", lease_ms, 1_000, 3_600_000);
        self.within("delivery.memory_items_max", config.delivery.memory_items_max as u64, 100, 10_000_000);
        self.within("delivery.drain_ms", config.delivery.drain_ms, 0, 600_000);
        // A part that found its place at the last moment may still wait for its answer.
        let submit_ms = config.sms.submit_deadline_ms.saturating_add(SUBMIT_ANSWER_MS_MAX);
        // Without a relay no letter is ever under way.
        let letter_ms = if config.email.is_on() { config.email.timeout_ms } else { 0 };
        for (setting, deadline_ms) in [
            ("callbacks.timeout_ms", config.callbacks.timeout_ms),
            ("sms.submit_deadline_ms and the provider's answer", submit_ms),
            ("content.timeout_ms", config.content.timeout_ms),
            ("email.timeout_ms", letter_ms),
        ] {
            if lease_ms < deadline_ms.saturating_add(LEASE_MARGIN_MS) {
                self.fault(
                    "delivery.lease_ms",
                    format!(
                        "the lease ({lease_ms} ms) is not {LEASE_MARGIN_MS} ms longer than {setting} \
                         ({deadline_ms} ms), so an item could be sent twice at once"
                    ),
                    format!("raise the lease above {} or lower {setting}", deadline_ms + LEASE_MARGIN_MS),
                );
            }
        }
    }

    fn callbacks(&mut self, config: &Config) {
        let callbacks = &config.callbacks;
        self.within("callbacks.timeout_ms", callbacks.timeout_ms, 100, 600_000);
        self.delays("callbacks.retry_delays_s", &callbacks.retry_delays_s, 0);
        self.within("callbacks.retry_after_max_s", callbacks.retry_after_max_s, 1, YEAR_S);
        self.within("callbacks.concurrency", callbacks.concurrency as u64, 1, 10_000);
        self.within("callbacks.per_endpoint", callbacks.per_endpoint as u64, 1, 10_000);
        if callbacks.per_endpoint > callbacks.concurrency {
            self.fault(
                "callbacks.per_endpoint",
                "one endpoint may have more attempts at once than there are in all",
                "make it at most callbacks.concurrency",
            );
        }
    }

    fn sms(&mut self, config: &Config) {
        let sms = &config.sms;
        self.within("sms.in_flight_max", sms.in_flight_max as u64, 1, 100_000);
        self.within("sms.submit_deadline_ms", sms.submit_deadline_ms, 100, 600_000);
        self.delays("sms.retry_delays_s", &sms.retry_delays_s, 1);
        self.within("sms.receipt_window_h", sms.receipt_window_h, 1, YEAR_S / 3600);
        self.within("sms.unmatched_receipt_h", sms.unmatched_receipt_h, 1, YEAR_S / 3600);
    }

    fn content(&mut self, config: &Config) {
        let content = &config.content;
        if !content.listen.is_empty() && content.listen.parse::<std::net::SocketAddr>().is_err() {
            self.fault(
                "content.listen",
                format!("`{}` is no address with a port", content.listen),
                "give one such as 127.0.0.1:8090, or nothing for no listener of its own",
            );
        }
        if !content.alert_url.is_empty() && !is_http_url(&content.alert_url) {
            self.fault("content.alert_url", "this is no http or https URL", "give a URL, or nothing");
        }
        if let Err(rule) = content.alert_recipients() {
            self.fault("content.alert_mail", rule, "give addresses such as ops@example.org");
        } else if !content.alert_mail.is_empty() && !config.email.is_on() {
            let rule = "alerts are to be mailed, but there is no relay";
            self.fault("content.alert_mail", rule, "set email.relay, or give no address");
        }
        self.within("content.body_bytes_max", content.body_bytes_max as u64, 1_024, 64 << 20);
        self.within("content.timeout_ms", content.timeout_ms, 100, 600_000);
        self.delays("content.retry_delays_s", &content.retry_delays_s, 0);
        self.within("content.concurrency", content.concurrency as u64, 1, 10_000);
        self.within("content.audit_delay_s", content.audit_delay_s, 0, YEAR_S);
        self.delays("content.audit_again_s", &content.audit_again_s, 0);
        self.within("content.full_audit_h", content.full_audit_h, 0, YEAR_S / 3600);
    }

    fn email(&mut self, config: &Config) {
        let email = &config.email;
        for (setting, rule, remedy) in email.faults() {
            self.fault(setting, rule, remedy);
        }
        self.within("email.timeout_ms", email.timeout_ms, 100, 600_000);
        self.delays("email.retry_delays_s", &email.retry_delays_s, 0);
        self.within("email.concurrency", email.concurrency as u64, 1, 1_000);
        self.within("email.letter_bytes_max", email.letter_bytes_max as u64, 1_024, 64 << 20);
    }

    fn realtime(&mut self, config: &Config) {
        let realtime = &config.realtime;
        for (setting, listen) in [
            ("realtime.mqtt_listen", &realtime.mqtt_listen),
            ("realtime.mqtts_listen", &realtime.mqtts_listen),
            ("realtime.ws_listen", &realtime.ws_listen),
            ("realtime.wss_listen", &realtime.wss_listen),
        ] {
            if !listen.is_empty() && listen.parse::<std::net::SocketAddr>().is_err() {
                self.fault(
                    setting,
                    format!("`{listen}` is no address with a port"),
                    "give one such as 0.0.0.0:1883, or nothing for no such listener",
                );
            }
        }
        let has_tls = !realtime.mqtts_listen.is_empty() || !realtime.wss_listen.is_empty();
        if has_tls && (realtime.certificate.is_empty() || realtime.private_key.is_empty()) {
            self.fault(
                "realtime.certificate",
                "a listener with TLS needs realtime.certificate and realtime.private_key",
                "name the two PEM files, or give no listener with TLS",
            );
        }
        self.external_broker(config);
        self.within("realtime.keep_days", u64::from(realtime.keep_days), 1, 365);
        self.within("realtime.media_bytes_max", realtime.media_bytes_max as u64, 1_024, 104_857_600);
        self.within("realtime.media_app_mb_max", realtime.media_app_mb_max, 1, 10_000_000);
        self.within("realtime.media_days", realtime.media_days.into(), 1, 36_500);
        self.within("realtime.media_link_minutes", realtime.media_link_minutes.into(), 1, 525_600);
        self.within("realtime.connections_max", realtime.connections_max as u64, 1, 1_000_000);
    }

    fn delays(&mut self, setting: &str, delays_s: &[u64], least: u64) {
        self.within(&format!("{setting} (number of entries)"), delays_s.len() as u64, least, 32);
        for delay_s in delays_s {
            self.within(setting, *delay_s, 1, YEAR_S);
        }
    }

    fn links(&mut self, config: &Config) {
        let given = &config.links.base_url;
        let is_web = |url: url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        if !given.is_empty() && !given.parse().is_ok_and(is_web) {
            self.fault(
                "links.base_url",
                "this is not an http or https URL",
                "give scheme and host, for example https://go.example.com",
            );
        }
    }

    fn services(&mut self, config: &Config) {
        let services = &config.services;
        if let Err(error) = waypost_services::rules::time::Local::parse(&services.time_zone) {
            self.fault("services.time_zone", error, "give an IANA name, for example America/Toronto");
        }
        if let Err(error) = services.name_rule() {
            self.fault("services.file_names", error, "give documented or sensible");
        }
        if let Err(error) = services.scanner() {
            self.fault(
                "services.clamd",
                error,
                "give for example unix:/run/clamav/clamd.ctl or 127.0.0.1:3310",
            );
        }
        self.bucket(services);
        self.within("services.file_bytes_max", services.file_bytes_max, 1, 2 << 30);
        self.within("services.scan_timeout_ms", services.scan_timeout_ms, 100, 600_000);
        for (setting, text) in
            [("services.issuer", &services.issuer), ("services.audience", &services.audience)]
        {
            if text.trim().is_empty() {
                self.fault(setting, "it is empty", "name whoever makes or reads the tokens");
            }
        }
    }

    fn bucket(&mut self, services: &Services) {
        self.within("services.s3_timeout_ms", services.s3_timeout_ms, 100, 600_000);
        match services.bucket() {
            Err(error) => self.fault(
                "services.s3_url",
                error,
                "give for example https://s3.ca-central-1.amazonaws.com/permits",
            ),
            Ok(None) => {}
            Ok(Some(_)) => {
                for (setting, empty) in [
                    ("services.s3_region", services.s3_region.is_empty()),
                    ("services.s3_key_id", services.s3_key_id.is_empty()),
                    ("services.s3_secret", services.s3_secret.is_empty()),
                ] {
                    if empty {
                        self.fault(setting, "it is empty", "give that of the bucket's access key");
                    }
                }
            }
        }
    }

    fn retention(&mut self, config: &Config) {
        let keep = &config.retention;
        for (setting, days) in [
            ("retention.messages_days", keep.messages_days),
            ("retention.inbound_days", keep.inbound_days),
            ("retention.unmatched_receipts_days", keep.unmatched_receipts_days),
            ("retention.content_days", keep.content_days),
            ("retention.audit_days", keep.audit_days),
            ("retention.inbox_days", keep.inbox_days),
            ("retention.mail_days", keep.mail_days),
        ] {
            self.within(setting, days.into(), 1, 36_500);
        }
        self.within("retention.devices_days", keep.devices_days.into(), 1, 365);
        if keep.content_days < 3 {
            self.fault(
                "retention.content_days",
                "a partner may repeat a message for 72 hours, and must get the answer of the first time",
                "keep content for at least 3 days",
            );
        }
        let window_days = config.sms.receipt_window_h.div_ceil(24);
        if u64::from(keep.messages_days) <= window_days {
            self.fault(
                "retention.messages_days",
                format!("messages are pruned before their receipts are given up (after {window_days} days)"),
                "keep messages longer than sms.receipt_window_h",
            );
        }
        let tried_days = config.sms.unmatched_receipt_h.div_ceil(24);
        if u64::from(keep.unmatched_receipts_days) < tried_days {
            self.fault(
                "retention.unmatched_receipts_days",
                format!("receipts are pruned while they are still tried (for {tried_days} days)"),
                "keep receipts for at least sms.unmatched_receipt_h",
            );
        }
    }

    fn log(&mut self, config: &Config) {
        if let Err(error) = config.log.level.parse::<tracing_subscriber::filter::Targets>() {
            self.fault(
                "log.level",
                format!("`{}` is no log level: {error}", config.log.level),
                "give error, warn, info, debug, trace, or directives such as info,waypost_store=debug",
            );
        }
    }
}

const MAKE_KEY: &str = "make a key with: openssl rand -base64 32";

fn is_http_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_postgres_url(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}
