//! The settings: names, units, defaults. `waypost.example.toml` shows each with a comment; a test keeps both alike.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;
use waypost_channels::email::Mailbox;
use waypost_services::files::{S3Settings, ScannerAddress};
use waypost_services::rules::file_name::NameRule;

use super::{Cidr, Email, Realtime, Secret};

/// The whole configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The HTTP door.
    pub server: Server,
    /// Where everything is kept.
    pub store: Store,
    /// What seals secrets at rest.
    pub secrets: Secrets,
    /// The delivery engine.
    pub delivery: Delivery,
    /// Notifications to the customers' URLs.
    pub callbacks: Callbacks,
    /// The SMS channel.
    pub sms: Sms,
    /// In-app messaging.
    pub realtime: Realtime,
    /// Calls.
    pub voice: Voice,
    /// Smart links.
    pub links: Links,
    /// The services family.
    pub services: Services,
    /// The content family.
    pub content: Content,
    /// Letters.
    pub email: Email,
    /// How long each kind of record is kept.
    pub retention: Retention,
    /// Logs on standard error.
    pub log: Log,
    /// The `/metrics` page.
    pub metrics: Metrics,
}

/// `[server]`: the HTTP door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Largest request body; more is refused with 413 without being read.
    pub body_bytes_max: usize,
    /// Longest time a request's body may take to arrive; longer is refused with 408.
    pub body_timeout_ms: u64,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Longest time from a request's head to its answer, the last backstop.
    pub request_timeout_ms: u64,
    /// Longest time a connection may take to send a request's head; also how long it may idle between requests.
    pub header_timeout_ms: u64,
    /// Most connections at once; more wait unaccepted.
    pub connections_max: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            body_bytes_max: 1_048_576,
            trusted_proxies: Vec::new(),
            body_timeout_ms: 30_000,
            request_timeout_ms: 60_000,
            header_timeout_ms: 60_000,
            connections_max: 4_096,
        }
    }
}

/// The two engines of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Embedded, in `data_dir`.
    Sqlite,
    /// A PostgreSQL server at `url`.
    Postgres,
}

/// `[store]`: where everything is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// Which engine.
    pub engine: Engine,
    /// The folder of the embedded store and of the generated master key; made when absent.
    pub data_dir: PathBuf,
    /// Connection URL of PostgreSQL; carries a password, so never printed. With `sslmode=require` it is spoken to with TLS.
    pub url: Secret,
    /// PEM file with the authorities that vouch for a PostgreSQL with TLS; empty: the public ones.
    pub ca: PathBuf,
    /// Number of this server among those that share the store, 0 to 63; each has its own.
    pub node: u8,
    /// Most write jobs waiting; over it requests are refused as busy.
    pub write_queue_max: usize,
    /// Most write jobs committed together.
    pub group_jobs_max: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            engine: Engine::Sqlite,
            data_dir: PathBuf::from("waypost-data"),
            url: Secret::default(),
            ca: PathBuf::new(),
            node: 0,
            write_queue_max: 20_000,
            group_jobs_max: 1_000,
        }
    }
}

/// `[secrets]`: the key that seals provider passwords and call-back secrets at rest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// 32 bytes in base64; give it by variable, not in the file.
    pub master_key: Secret,
    /// A file with the key in base64; empty: `master.key` in `store.data_dir`, made at the first start.
    pub master_key_file: PathBuf,
}

/// `[delivery]`: the engine through which everything leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// How long a claimed item is this process's; must be longer than every attempt's deadline.
    pub lease_ms: u64,
    /// Most items in memory per kind of work; the rest waits in the store.
    pub memory_items_max: usize,
    /// How long a stop waits for attempts that are under way.
    pub drain_ms: u64,
}

impl Default for Delivery {
    fn default() -> Self {
        Self { lease_ms: 60_000, memory_items_max: 50_000, drain_ms: 15_000 }
    }
}

/// `[callbacks]`: notifications to the customers' URLs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Callbacks {
    /// One deadline over name look-up, connect, TLS, head and body of one attempt.
    pub timeout_ms: u64,
    /// Pauses before each retry; as many retries as entries.
    pub retry_delays_s: Vec<u64>,
    /// Longest pause a receiver's `Retry-After` may ask for.
    pub retry_after_max_s: u64,
    /// Most attempts at once.
    pub concurrency: usize,
    /// Most attempts at once to one endpoint.
    pub per_endpoint: usize,
    /// Private or special networks call-backs may reach; empty: public addresses only.
    pub allow_cidrs: Vec<Cidr>,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self {
            timeout_ms: 10_000,
            retry_delays_s: vec![60, 60, 60],
            retry_after_max_s: 3_600,
            concurrency: 512,
            per_endpoint: 64,
            allow_cidrs: Vec::new(),
        }
    }
}

/// `[sms]`: the SMS channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// Most submits in flight over all connections; each connection has its own window besides.
    pub in_flight_max: usize,
    /// How long an attempt may wait for a bound connection with a free place in its window.
    pub submit_deadline_ms: u64,
    /// Pauses before each new attempt after a passing fault; when they are used up the message fails.
    pub retry_delays_s: Vec<u64>,
    /// How long a receipt is waited for; after it the message ends with 7303.
    pub receipt_window_h: u64,
    /// How long an unmatched receipt is tried against new messages before it is only kept for an operator.
    pub unmatched_receipt_h: u64,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            in_flight_max: 1_000,
            submit_deadline_ms: 20_000,
            retry_delays_s: vec![5, 30, 120, 300, 900, 1_800, 3_600, 3_600, 3_600],
            receipt_window_h: 72,
            unmatched_receipt_h: 24,
        }
    }
}

/// `[voice]`: calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Voice {
    /// The program that makes speech of text, and its arguments: text on its standard input, a WAV file on its standard
    /// output. Empty: call flows cannot say texts.
    pub tts_command: Vec<String>,
}

/// `[links]`: short links in messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// Scheme and host under which recipients reach `/l/` of this server; empty: its own address.
    pub base_url: String,
}

impl Links {
    /// What stands before `/l/` in a message.
    #[must_use]
    pub fn base_url(&self, listen: SocketAddr) -> String {
        if self.base_url.is_empty() { format!("http://{listen}") } else { self.base_url.clone() }
    }
}

/// `[services]`: the services family (MTAPI).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Services {
    /// Sends 620004 and 623008 in place of the misprinted numbers 62000 and 620338 of the published list.
    pub strict_codes: bool,
    /// Refuses in the query language what is not understood, in place of leaving it out.
    pub strict_queries: bool,
    /// IANA zone of dates whose name does not end in `Utc`.
    pub time_zone: String,
    /// `iss` of application tokens; those of another are refused.
    pub issuer: String,
    /// `aud` of application tokens; those for another are refused.
    pub audience: String,
    /// Whether the codes of invites and recoveries stand in the answers, not in mails only.
    pub show_codes: bool,
    /// Where files of service requests lie; empty: `blobs` below `store.data_dir`.
    pub files_dir: PathBuf,
    /// Address of an S3 store's bucket, in which published files lie; empty: in the folder.
    pub s3_url: String,
    /// Its region.
    pub s3_region: String,
    /// The id of the access key.
    pub s3_key_id: String,
    /// The secret of the access key.
    pub s3_secret: Secret,
    /// Longest time of one request to it, and of each piece of its answer.
    pub s3_timeout_ms: u64,
    /// Largest file of a service request.
    pub file_bytes_max: u64,
    /// Which names such a file may have: `documented` or `sensible`.
    pub file_names: String,
    /// Where clamd listens; empty: nowhere, and no file is taken.
    pub clamd: String,
    /// Longest time one exchange with clamd may take.
    pub scan_timeout_ms: u64,
}

impl Services {
    /// The rule for names of files.
    ///
    /// # Errors
    /// In words, when it is none.
    pub fn name_rule(&self) -> Result<NameRule, String> {
        match self.file_names.as_str() {
            "documented" => Ok(NameRule::Documented),
            "sensible" => Ok(NameRule::Sensible),
            other => Err(format!("there is no rule `{other}`")),
        }
    }

    /// The bucket of published files.
    ///
    /// # Errors
    /// In words, when its address is none.
    pub fn bucket(&self) -> Result<Option<S3Settings>, String> {
        if self.s3_url.is_empty() {
            return Ok(None);
        }
        let url: Url = self.s3_url.parse().map_err(|error| format!("{error}"))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !["http", "https"].contains(&url.scheme()) || !bare || !url.path().bytes().all(plain) {
            return Err("it is no http or https address of a bucket".to_owned());
        }
        Ok(Some(S3Settings {
            url,
            region: self.s3_region.clone(),
            key_id: self.s3_key_id.clone(),
            secret: self.s3_secret.expose().to_owned(),
            timeout_ms: self.s3_timeout_ms,
        }))
    }

    /// Where clamd listens.
    ///
    /// # Errors
    /// In words, when it is no address.
    pub fn scanner(&self) -> Result<Option<ScannerAddress>, String> {
        if self.clamd.is_empty() { Ok(None) } else { ScannerAddress::parse(&self.clamd).map(Some) }
    }
}

impl Default for Services {
    fn default() -> Self {
        Self {
            strict_codes: false,
            strict_queries: false,
            time_zone: "America/Toronto".to_owned(),
            issuer: waypost_services::api::PUBLISHED_ISSUER.to_owned(),
            audience: waypost_services::api::PUBLISHED_ISSUER.to_owned(),
            show_codes: false,
            files_dir: PathBuf::new(),
            s3_url: String::new(),
            s3_region: "us-east-1".to_owned(),
            s3_key_id: String::new(),
            s3_secret: Secret::default(),
            s3_timeout_ms: 120_000,
            file_bytes_max: waypost_services::files::FILE_BYTES_MAX,
            file_names: "documented".to_owned(),
            clamd: String::new(),
            scan_timeout_ms: 120_000,
        }
    }
}

/// `[content]`: Metadata Push and Audit, as receiver and as pusher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Content {
    /// Address of a listener of its own with the receiver's endpoints at its root; empty: none.
    pub listen: String,
    /// Largest body a partner may push, also unpacked.
    pub body_bytes_max: usize,
    /// One deadline over a push or an audit of ours.
    pub timeout_ms: u64,
    /// Pauses before each retry of a push; as many retries as entries.
    pub retry_delays_s: Vec<u64>,
    /// Most pushes and audits at once, over all partners.
    pub concurrency: usize,
    /// How long after its acceptance a push is audited.
    pub audit_delay_s: u64,
    /// Pauses before an audit that found a difference is repeated; after the last the alarm is raised.
    pub audit_again_s: Vec<u64>,
    /// How often each property is audited whole; 0: never.
    pub full_audit_h: u64,
    /// Where alerts are posted; empty: nowhere.
    pub alert_url: String,
    /// Addresses that alerts are mailed to.
    pub alert_mail: Vec<String>,
}

impl Content {
    /// Who is told of alerts by e-mail.
    ///
    /// # Errors
    /// In words, when one is no address.
    pub fn alert_recipients(&self) -> Result<Vec<Mailbox>, String> {
        self.alert_mail
            .iter()
            .map(|text| text.parse().map_err(|error| format!("`{text}`: {error}")))
            .collect()
    }
}

impl Default for Content {
    fn default() -> Self {
        Self {
            listen: String::new(),
            body_bytes_max: 10_485_760,
            timeout_ms: 15_000,
            retry_delays_s: vec![20, 20, 20],
            concurrency: 1_024,
            audit_delay_s: 5,
            audit_again_s: vec![60, 600],
            full_audit_h: 24,
            alert_url: String::new(),
            alert_mail: Vec::new(),
        }
    }
}

/// `[retention]`: how many days each kind of record is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Messages with their requests, search keys and stories.
    pub messages_days: u32,
    /// Messages that came in.
    pub inbound_days: u32,
    /// Receipts that came before their message was known, or that no message claimed.
    pub unmatched_receipts_days: u32,
    /// What was pushed and audited between partners and us, with whole bodies.
    pub content_days: u32,
    /// What operators changed.
    pub audit_days: u32,
    /// Letters after they were sent, refused, given up or withheld.
    pub mail_days: u32,
    /// Devices of apps after their last sign of life; at most 365.
    pub devices_days: u32,
    /// What was said in threads of apps that keep an inbox, and conversations nobody uses.
    pub inbox_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            messages_days: 90,
            inbound_days: 90,
            unmatched_receipts_days: 30,
            audit_days: 730,
            devices_days: 40,
            inbox_days: 90,
            content_days: 30,
            mail_days: 30,
        }
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// `[log]`: logs on standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,waypost_store=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Json, level: "info".to_owned() }
    }
}

/// `[metrics]`: the `/metrics` page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Whether the page is served.
    pub enabled: bool,
    /// Who may read it; others get 404.
    pub allow_cidrs: Vec<Cidr>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { enabled: true, allow_cidrs: loopback() }
    }
}

fn loopback() -> Vec<Cidr> {
    ["127.0.0.0/8", "::1/128"].into_iter().filter_map(|net| net.parse().ok()).collect()
}
