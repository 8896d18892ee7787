//! The EMQX of a test: a real one where there is one, else the door before a Mosquitto.
//!
//! `WAYPOST_TEST_EMQX` names a program that runs a real one in the foreground until it is killed, with no memory of earlier runs:
//! MQTT at `MQTT_PORT` and the REST API at `REST_PORT` of 127.0.0.1, an API key `API_KEY` with the secret `API_SECRET`, and what
//! `docs/channels/brokers.md` sets, asking at `ASK_URL` with `ASKS_WITH`.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use http::Method;
use rumqttc::ConnectReturnCode;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waypost::config::{BrokerKind, Realtime, Secret};
use waypost_suite::{Device, Engine, Http, Rt, free_address, within};

use super::ask::{ASKS_WITH, Ask};
use super::front::{Front, bind};
use super::rest::{self, KEY, SECRET};
use crate::mosquitto::open_mosquitto;

pub const USER: &str = "waypost";
pub const PASSWORD: &str = "broker-password";

/// A broker that asks. What it holds is gone when it stops.
pub struct Emqx {
    pub tcp: u16,
    api: u16,
    kind: Kind,
    running: Option<Running>,
}

enum Kind {
    /// A real one, which is told where the server under test will be.
    Real { program: OsString, server: SocketAddr },
    /// A door that takes rules from the first answer, or asks for each right.
    Front { ask: Ask, with_rules: bool },
}

enum Running {
    Real { child: Child },
    Front { inner: Child, door: JoinHandle<()>, api: JoinHandle<()>, end: CancellationToken, front: Front },
}

impl Emqx {
    /// One that takes rights from the answer to its first question, as versions since 5.8 do.
    pub async fn start() -> Self {
        Self::start_with(true).await
    }

    /// One that asks for each right; a real one does as its version does.
    pub async fn older() -> Self {
        Self::start_with(false).await
    }

    async fn start_with(with_rules: bool) -> Self {
        let kind = match std::env::var_os("WAYPOST_TEST_EMQX") {
            Some(program) => Kind::Real { program, server: free_address() },
            None => Kind::Front { ask: Ask::default(), with_rules },
        };
        let mut emqx = Self { tcp: 0, api: 0, kind, running: None };
        emqx.run().await;
        emqx
    }

    /// Starts it, where it was before.
    pub async fn run(&mut self) {
        let running = match &self.kind {
            Kind::Real { program, server } => {
                for port in [&mut self.tcp, &mut self.api].into_iter().filter(|port| **port == 0) {
                    *port = free_address().port();
                }
                Running::Real { child: self.real(Command::new(program), *server) }
            }
            Kind::Front { ask, with_rules } => {
                let (mqtt, api) = (bind(self.tcp).await, bind(self.api).await);
                (self.tcp, self.api) = (mqtt.local_addr().unwrap().port(), api.local_addr().unwrap().port());
                let (inner, port) = open_mosquitto().await;
                let door = Front::new(ask.clone(), port, *with_rules);
                let front = door.clone();
                let end = CancellationToken::new();
                // Connections of its clients are no tasks of its own, and end only so.
                let serve = axum::serve(api, rest::router(door.clone()))
                    .with_graceful_shutdown(end.clone().cancelled_owned());
                let api = tokio::spawn(async move { serve.await.unwrap() });
                let door = tokio::spawn(door.serve(mqtt));
                Running::Front { inner, door, api, end, front }
            }
        };
        self.running = Some(running);
        within("the broker to listen", async {
            while !self.is_there().await {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        })
        .await;
    }

    /// It takes connections, and its REST API answers (401: no key was shown).
    async fn is_there(&self) -> bool {
        let api = Http::new(SocketAddr::from((Ipv4Addr::LOCALHOST, self.api)));
        let answer =
            api.try_send(Method::GET, "/api/v5/clients?username=x&limit=1", &[], bytes::Bytes::new()).await;
        answer.is_ok_and(|answer| answer.http == 401)
            && TcpStream::connect((Ipv4Addr::LOCALHOST, self.tcp)).await.is_ok()
    }

    fn real(&self, mut command: Command, server: SocketAddr) -> Child {
        let ask = format!("http://{server}/realtime/broker/v1");
        for (name, value) in [
            ("MQTT_PORT", self.tcp.to_string().as_str()),
            ("REST_PORT", self.api.to_string().as_str()),
            ("ASK_URL", ask.as_str()),
            ("ASKS_WITH", ASKS_WITH),
            ("API_KEY", KEY),
            ("API_SECRET", SECRET),
        ] {
            command.env(name, value);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        command.spawn().expect("the program of WAYPOST_TEST_EMQX")
    }

    /// The door of one that is not real.
    pub fn door(&self) -> Option<&Front> {
        match &self.running {
            Some(Running::Front { front, .. }) => Some(front),
            _ => None,
        }
    }

    /// Kills it.
    pub async fn stop(&mut self) {
        match self.running.take().expect("one that runs") {
            Running::Real { mut child } => child.kill().await.unwrap(),
            Running::Front { mut inner, door, api, end, .. } => {
                door.abort();
                end.cancel();
                within("the REST API to end", api).await.unwrap();
                inner.kill().await.unwrap();
            }
        }
    }

    /// A server that hands its messages to it.
    pub async fn beside(&self) -> Rt {
        self.beside_with(|_| {}).await
    }

    pub async fn beside_with(&self, change: impl FnOnce(&mut Realtime)) -> Rt {
        let (tcp, api) = (self.tcp, self.api);
        let mut rt = Box::pin(Rt::start_with(Engine::Sqlite, |config| {
            if let Kind::Real { server, .. } = &self.kind {
                config.server.listen = *server;
            }
            let realtime = &mut config.realtime;
            realtime.mqtt_listen = String::new();
            realtime.broker = format!("mqtt://127.0.0.1:{tcp}");
            realtime.broker_kind = BrokerKind::Emqx;
            realtime.broker_user = USER.to_owned();
            realtime.broker_password = Secret::new(PASSWORD);
            realtime.broker_api = format!("http://127.0.0.1:{api}");
            realtime.broker_api_key = KEY.to_owned();
            realtime.broker_api_secret = Secret::new(SECRET);
            realtime.broker_asks_with = Secret::new(ASKS_WITH);
            realtime.public_mqtt = tcp;
            change(realtime);
        }))
        .await;
        rt.mqtt.set_port(tcp);
        if let Kind::Front { ask, .. } = &self.kind {
            ask.at(rt.stage.http.address());
        }
        self.asks().await;
        rt
    }

    /// It asks the server, and is answered: a real one looks only now and then whether there is somebody to ask.
    pub async fn asks(&self) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.tcp));
        within("the broker to let us in", async {
            while Device::dial_as(address, "suite", USER, PASSWORD).welcome().await
                != ConnectReturnCode::Success
            {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        })
        .await;
    }
}
