//! The phone of the sandbox's customer: a client of the server's own in-app messaging that takes every message and says
//! that it was delivered.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use http::Request;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::apps::APPS;
use super::customer::{DEVICE, USER};
use crate::demo::Client;

/// Before it tries again; the server may be starting.
const PAUSE: Duration = Duration::from_secs(1);
/// As the contract has it.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Requests of the MQTT client under way.
const REQUESTS_MAX: usize = 16;

/// A phone that is on.
pub struct Phone {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Place {
    server: SocketAddr,
    mqtt: SocketAddr,
    key: String,
}

impl Phone {
    /// Switches it on. Without a broker over TCP it does nothing.
    pub fn start(server: SocketAddr, mqtt: Option<SocketAddr>, client_key: &str) -> Self {
        let stop = CancellationToken::new();
        let (stopped, key) = (stop.clone(), client_key.to_owned());
        let task = tokio::spawn(async move {
            let Some(mqtt) = mqtt else { return };
            let _ = stopped.run_until_cancelled(live(Place { server, mqtt, key })).await;
        });
        Self { stop, task }
    }

    /// Switches it off.
    pub async fn stop(self) {
        self.stop.cancel();
        if self.task.await.is_err() {
            tracing::error!("the sandbox's phone failed");
        }
    }
}

async fn live(place: Place) {
    loop {
        if let Err(error) = place.session().await {
            tracing::warn!(%error, "the sandbox's phone lost its connection");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Place {
    /// Registers, connects and takes messages until the connection breaks.
    async fn session(&self) -> anyhow::Result<()> {
        let body =
            json!({"tenant": "1", "userId": USER, "deviceId": DEVICE, "channel": "rt", "channelType": "web"});
        let registered = self.call("register", "", &body).await?;
        let text = |name: &str| registered[name].as_str().map(str::to_owned).context("no registration");
        let (client_id, token) = (text("clientId")?, text("accessToken")?);
        let topic = format!("{}/{USER}", APPS.rt);
        let host = self.mqtt.ip().to_string();
        let mut options = MqttOptions::new(format!("{client_id}/at_{token}"), host, self.mqtt.port());
        options.set_credentials(&topic, &self.key).set_clean_session(false).set_keep_alive(KEEP_ALIVE);
        let (client, mut events) = AsyncClient::new(options, REQUESTS_MAX);
        client.subscribe(&topic, QoS::ExactlyOnce).await?;
        loop {
            let Event::Incoming(Packet::Publish(message)) = events.poll().await? else { continue };
            let message: Value = serde_json::from_slice(&message.payload)?;
            if message.get("payload_type").is_none() {
                let report = json!({
                    "clientId": client_id, "channel": "rt", "status": 2, "tid": message["tid"]
                });
                self.call("deliveryupdate", &token, &report).await?;
            }
        }
    }

    /// One call of the RT API, on a connection of its own: they are far apart.
    async fn call(&self, call: &str, token: &str, body: &Value) -> anyhow::Result<Value> {
        let request = Request::post(format!("/rtmsAPI/api/v3/{}/{call}", APPS.rt))
            .header("content-type", "application/json")
            .header("secretKey", &self.key)
            .header("accessToken", token);
        let mut client = Client::connect(self.server).await?;
        let answer: Value = serde_json::from_slice(&client.send(request, body.to_string().into()).await?)?;
        if answer["code"] != "0" {
            bail!("{call} was refused: {answer}");
        }
        Ok(answer)
    }
}
