//! Waypost as an operator installs it: the defaults, one tenant, one SMPP connection, call-backs to loopback allowed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};

use super::{Far, Process, Running, START_LIMIT, START_PAUSE, WINDOW, await_receiver};
use crate::devices::{APP, CLIENT_KEY};
use crate::load::Target;
use crate::places::{free_port, page, wait_until};
use crate::sink;

/// A data folder with its first tenant, and how to serve it.
#[derive(Debug)]
pub struct Installation {
    binary: PathBuf,
    dir: PathBuf,
    addr: SocketAddr,
    key: String,
    settings: Vec<(String, String)>,
    mqtt: Option<SocketAddr>,
}

impl Installation {
    /// Sets up the first tenant in an empty folder with the admin commands.
    ///
    /// # Errors
    /// When the binary is not there or a command fails; the message carries what it said.
    pub fn new(binary: &Path, dir: &Path, far: &Far) -> anyhow::Result<Self> {
        let mut new = Self::bare(binary, dir)?;
        let (host, port) = (far.smsc.addr().ip().to_string(), far.smsc.addr().port().to_string());
        let window = format!("window={WINDOW}");
        new.admin(&["tenant", "create", "--slug", "bench", "--name", "Bench"])?;
        new.admin(&["service", "create", "--tenant", "bench", "--slug", "load"])?;
        let key = new.admin(&["--json", "key", "create", "--tenant", "bench", "--service", "load"])?;
        new.admin(&["sender", "add", "--tenant", "bench", "Waypost"])?;
        let smpp = ["--host", &host, "--port", &port, "--system-id", "bench", "--set", &window];
        new.admin(&[&["smpp", "create", "--name", "bench"], &smpp[..]].concat())?;
        let key: serde_json::Value = serde_json::from_str(&key).context("answer of key create")?;
        new.key = key["key"].as_str().context("no key in the answer of key create")?.to_owned();
        Ok(new)
    }

    /// Nothing but a free port and an empty folder.
    ///
    /// # Errors
    /// When the binary is not there or no port is to be had.
    pub fn bare(binary: &Path, dir: &Path) -> anyhow::Result<Self> {
        ensure!(binary.exists(), "{} is not built", binary.display());
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        Ok(Self {
            binary: binary.to_owned(),
            dir: dir.to_owned(),
            addr,
            key: String::new(),
            settings: Vec::new(),
            mqtt: None,
        })
    }

    /// Sets a setting by its environment variable, for every command and start from here on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.settings.push((variable.to_owned(), value.to_owned()));
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .env("WAYPOST__STORE__DATA_DIR", self.dir.join("data"))
            .env("WAYPOST__SERVER__LISTEN", self.addr.to_string())
            .env("WAYPOST__CALLBACKS__ALLOW_CIDRS", "[\"127.0.0.0/8\"]")
            .env("WAYPOST__LOG__LEVEL", "warn")
            .env("WAYPOST_SMPP_PASSWORD", "bench")
            .env("WAYPOST_PARTNER_PASSWORD", "bench-bench-bench-bench")
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        if let Some(mqtt) = self.mqtt {
            command.env("WAYPOST__REALTIME__MQTT_LISTEN", mqtt.to_string());
        }
        command
    }

    /// Adds an in-app messaging app, the default one of the service, and a listener for MQTT; where it listens.
    ///
    /// # Errors
    /// When no port is to be had or a command fails.
    pub fn chat(&mut self) -> anyhow::Result<SocketAddr> {
        let secrets = self.dir.join("secrets.json");
        std::fs::write(&secrets, serde_json::json!({ "client_key": CLIENT_KEY }).to_string())?;
        let file = secrets.to_string_lossy();
        self.admin(&["app", "create", "bench", APP, "--kind", "mobile"])?;
        self.admin(&["app", "secrets", "bench", APP, "--file", &file])?;
        self.admin(&["app", "enable", "bench", APP, "rt"])?;
        // Thousands register before anything is measured.
        self.admin(&["app", "set", "bench", APP, "rt_tps=10000"])?;
        self.admin(&["app", "default", "bench", "load", "rt", APP])?;
        let mqtt = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        self.mqtt = Some(mqtt);
        Ok(mqtt)
    }

    /// How to ask it for in-app messages, one to each of `users` in turn.
    #[must_use]
    pub fn chat_target(&self, far: &Far, users: u32) -> Target {
        let notify_url = sink::url(far.sink.addr());
        Target::Chat { addr: self.addr, key: self.key.clone(), notify_url, users }
    }

    /// Where it serves HTTP.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    fn admin(&self, arguments: &[&str]) -> anyhow::Result<String> {
        self.run(&[&["admin"], arguments].concat())
    }

    /// Runs a command of the server's program; returns what it printed.
    ///
    /// # Errors
    /// When it fails; the message carries what it said.
    pub(super) fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let (succeeded, printed, said) = self.output(arguments)?;
        ensure!(succeeded, "waypost {}: {said}", arguments.join(" "));
        Ok(printed)
    }

    /// Runs a command; returns whether it succeeded, what it printed and what it said on the side.
    pub(super) fn output(&self, arguments: &[&str]) -> anyhow::Result<(bool, String, String)> {
        let output = self.command().args(arguments).stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status.success(), String::from_utf8(output.stdout)?, said))
    }

    /// Starts serving and waits until it is ready.
    ///
    /// # Errors
    /// When it does not start or is not ready in time.
    pub fn serve(&self) -> anyhow::Result<Process> {
        let mut process = Process::start(self.command().arg("serve"), &self.dir.join("waypost.log"))?;
        let mut ended = false;
        wait_until(START_LIMIT, START_PAUSE, || {
            ended = !process.is_alive();
            ended || self.page("/readyz").is_ok_and(|(status, _)| status == 200)
        });
        if ended {
            bail!("waypost ended at its start, see waypost.log");
        }
        ensure!(self.page("/readyz")?.0 == 200, "waypost is not ready");
        Ok(process)
    }

    /// Starts serving and waits until it is ready and bound to the SMSC.
    ///
    /// # Errors
    /// When either does not come in time.
    pub fn start(&self, far: &Far) -> anyhow::Result<Running> {
        let running = Running { processes: vec![self.serve()?], target: self.target(far) };
        await_receiver(far)?;
        Ok(running)
    }

    /// How to ask it.
    #[must_use]
    pub fn target(&self, far: &Far) -> Target {
        let notify_url = sink::url(far.sink.addr());
        Target::Messaging { addr: self.addr, key: self.key.clone(), notify_url }
    }

    /// The words of the transaction status API for one transaction, one for each destination.
    ///
    /// # Errors
    /// When the page does not answer or not with a list.
    pub fn statuses(&self, transaction: &str) -> anyhow::Result<Vec<String>> {
        let (_, body) = self.page(&format!("/resources/v1/messaging/status/{transaction}"))?;
        let records: Vec<serde_json::Value> = serde_json::from_slice(&body).context("transaction status")?;
        let word = |record: &serde_json::Value| record["status"].as_str().unwrap_or_default().to_owned();
        Ok(records.iter().map(word).collect())
    }

    fn page(&self, path: &str) -> anyhow::Result<(u16, Vec<u8>)> {
        page(self.addr, path, &self.key)
    }
}
