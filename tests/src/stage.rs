//! The server between its client, its SMSCs and its customers' endpoint.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use waypost::config::Config;
use waypost::serve::{self, Running};
use waypost_simulators::smsc::{SmscConfig, SmscHandle};
use waypost_store::testing::Place;

use crate::answer::Answer;
use crate::backstage::Backstage;
use crate::desk::{Desk, Login};
use crate::engine::Engine;
use crate::hook::Hook;
use crate::http::Http;
use crate::process::Process;
use crate::record::Record;

/// A running server with everything around it.
pub struct Stage {
    /// Keeps the store until the end.
    pub(crate) _place: Place,
    pub(crate) folder: TempDir,
    pub(crate) config: Box<Config>,
    pub(crate) server: Option<Server>,
    /// The client.
    pub http: Http,
    /// The operator.
    pub desk: Desk,
    /// The customers' endpoint.
    pub hook: Hook,
    /// The default service: tenant `acme`, service `alerts`, sender [`SENDER`](crate::SENDER), notified of everything.
    pub login: Login,
    /// The SMSCs in the order in which they were added.
    pub smscs: Vec<SmscHandle>,
}

pub(crate) enum Server {
    Here(Running),
    There(Process),
}

impl Stage {
    /// A server with one SMSC that delivers everything.
    ///
    /// # Panics
    /// See [`Backstage::start`].
    pub async fn start(engine: Engine) -> Self {
        Self::with(engine, SmscConfig::default()).await
    }

    /// A server with one SMSC.
    ///
    /// # Panics
    /// See [`Backstage::start`].
    pub async fn with(engine: Engine, smsc: SmscConfig) -> Self {
        Backstage::new(engine).await.smsc(smsc).await.start().await
    }

    /// The first SMSC.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn smsc(&self) -> &SmscHandle {
        &self.smscs[0]
    }

    /// Posts a request of the default service.
    pub async fn post(&self, request: &Value) -> Answer {
        self.http.post(&self.login.key, request).await
    }

    /// Sends one SMS, which is queued; its transaction id.
    ///
    /// # Panics
    /// When it is not.
    pub async fn send(&self, text: &str, to: &str) -> String {
        self.post(&crate::sms::sms(text, to)).await.queued()
    }

    /// Looks a transaction of the default service up.
    pub async fn status(&self, transid: &str) -> Answer {
        self.http.status(&self.login.key, transid).await
    }

    /// The only record of a transaction.
    ///
    /// # Panics
    /// When there is not exactly one.
    pub async fn record(&self, transid: &str) -> Record {
        let [record] = <[Record; 1]>::try_from(self.status(transid).await.records()).expect("one record");
        record
    }

    /// Stops the server in order.
    ///
    /// # Panics
    /// When it does not stop, or ends badly.
    pub async fn stop(&mut self) {
        match self.server.take().expect("a server that runs") {
            Server::Here(running) => {
                crate::bound::within("the server to stop", running.stop()).await.expect("an orderly stop");
            }
            Server::There(process) => {
                let status = process.terminate().await;
                assert!(status.success(), "{status}");
            }
        }
    }

    /// Kills the server's process.
    ///
    /// # Panics
    /// When it has none.
    pub async fn kill(&mut self) {
        match self.server.take() {
            Some(Server::There(process)) => process.kill().await,
            _ => panic!("no process to kill"),
        }
    }

    /// The most memory the server's process has had so far, KiB.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn peak_memory_kib(&self) -> u64 {
        match &self.server {
            Some(Server::There(process)) => process.peak_memory_kib(),
            _ => panic!("no process to ask"),
        }
    }

    /// Starts the server again in this process, on the same store and address.
    ///
    /// # Panics
    /// When it still runs, or does not start.
    pub async fn start_again(&mut self) {
        assert!(self.server.is_none(), "it still runs");
        self.config.server.listen = self.http.address();
        let running = Box::pin(serve::start(&self.config)).await.expect("a server that starts");
        self.http = Http::new(running.address());
        self.server = Some(Server::Here(running));
    }

    /// Starts the server again, as a process, on the same store and address.
    ///
    /// # Panics
    /// When it still runs, or does not start.
    pub async fn run_again(&mut self, program: &str) {
        assert!(self.server.is_none(), "it still runs");
        let process = Process::start(Path::new(program), &config_file(self.folder.path())).await;
        // A new client: the old one's connections went with the old server.
        self.http = Http::new(process.address());
        self.server = Some(Server::There(process));
    }

    /// Runs a command of the program beside the server, which must be a process; what it printed as JSON.
    ///
    /// # Panics
    /// When it fails or prints no JSON.
    pub async fn command(&self, program: &str, arguments: &[&str], secrets: &[(&str, &str)]) -> Value {
        let config = config_file(self.folder.path());
        let config = config.to_str().expect("a path that is text");
        self.bare_command(program, &[arguments, &["--config", config]].concat(), secrets).await
    }

    /// The same for a command that needs no configuration.
    ///
    /// # Panics
    /// When it fails or prints no JSON.
    pub async fn bare_command(&self, program: &str, arguments: &[&str], secrets: &[(&str, &str)]) -> Value {
        let (code, told) = output(program, arguments, secrets).await;
        assert_eq!(code, Some(0), "{arguments:?}: {told}");
        told
    }

    /// The same for a command whose exit code says something: the code, and what it printed as JSON.
    ///
    /// # Panics
    /// When it prints no JSON.
    pub async fn told(&self, program: &str, arguments: &[&str]) -> (Option<i32>, Value) {
        let config = config_file(self.folder.path());
        let config = config.to_str().expect("a path that is text");
        output(program, &[arguments, &["--config", config]].concat(), &[]).await
    }

    /// The configuration it runs with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }
}

pub(crate) fn config_file(folder: &Path) -> PathBuf {
    folder.join("waypost.toml")
}

async fn output(program: &str, arguments: &[&str], secrets: &[(&str, &str)]) -> (Option<i32>, Value) {
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).arg("--json").envs(secrets.iter().copied());
    command.stdin(std::process::Stdio::null()).kill_on_drop(true);
    let output = crate::bound::within("a command", command.output()).await.expect("it starts");
    let told = String::from_utf8_lossy(&output.stderr);
    let printed = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}, {}: {error}: {told}", output.status));
    (output.status.code(), printed)
}
