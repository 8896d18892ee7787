//! In-app messaging beside the server: an app, its clients on the RT API, and devices on the broker by a client library
//! nobody here wrote.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};

use http::Method;
use rumqttc::{
    AsyncClient, ConnectReturnCode, Event, EventLoop, MqttOptions, Outgoing, Packet, Publish, QoS,
    SubscribeReasonCode,
};
use serde_json::{Value, json};
use waypost::config::Config;
use waypost_simulators::push::PushSims;
use waypost_status::Api;
use waypost_store::directory::{AppKind, Service, Tenant};

use crate::backstage::Backstage;
use crate::bound::within;
use crate::desk::{self, Login};
use crate::engine::Engine;
use crate::stage::Stage;
use crate::{Answer, free_address, proof};

/// The app of the stage.
pub const RT_APP: &str = "MU20000001";
/// Its client key.
pub const CLIENT_KEY: &str = "ck-5f1c9a";

/// A stage with one live tenant, whose service has an in-app messaging app.
pub struct Rt {
    /// The server and everything else around it.
    pub stage: Stage,
    /// The service: notified of everything, inbound messages to `/mo`.
    pub login: Login,
    /// Where the broker speaks MQTT.
    pub mqtt: SocketAddr,
}

/// A registered device, as its client knows it.
#[derive(Clone, Debug)]
pub struct Phone {
    /// `{appId}/{userId}/{deviceId}`.
    pub client_id: String,
    /// Its user.
    pub user: String,
    /// Its token.
    pub token: String,
}

impl Rt {
    /// A running server.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {}).await
    }

    /// The same with settings of its own.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let backstage = Backstage::new(engine).await;
        let (backstage, login, mqtt) = Self::furnished(backstage, &json!({}), &json!({})).await;
        let backstage = backstage.config(change);
        Self { stage: backstage.start().await, login, mqtt }
    }

    /// The same, with what `prepare` does before the server starts.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn prepared(engine: Engine, prepare: impl AsyncFnOnce(&Backstage, &Login)) -> Self {
        let backstage = Backstage::new(engine).await;
        let (backstage, login, mqtt) = Self::furnished(backstage, &json!({}), &json!({})).await;
        prepare(&backstage, &login).await;
        Self { stage: backstage.start().await, login, mqtt }
    }

    /// The same with settings of the app, and credentials beside the client key.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with(engine: Engine, settings: Value, secrets: Value) -> Self {
        let backstage = Backstage::new(engine).await;
        let mut set = json!({"threads_tps": 1_000, "topics_tps": 1_000});
        set.as_object_mut().expect("an object").extend(settings.as_object().expect("an object").clone());
        let (backstage, login, mqtt) = Self::furnished(backstage, &set, &secrets).await;
        Self { stage: backstage.start().await, login, mqtt }
    }

    /// The same whose app sends pushes to these clouds too, and is its service's choice for them.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with_push(engine: Engine, clouds: &PushSims) -> Self {
        let backstage = Backstage::new(engine).await;
        let (config, secrets) = (clouds.app_config(), clouds.app_secrets());
        // Only a sandbox account's pushes may go to this machine.
        let tenant = Tenant { sandbox: true, ..desk::tenant("chat") };
        let (backstage, login, mqtt) = Self::furnished_as(backstage, tenant, &config, &secrets).await;
        backstage.desk().default_app(login.tenant, login.service, "push", RT_APP).await;
        Self { stage: backstage.start().await, login, mqtt }
    }

    /// The same with in-app messages of the app switched off.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn closed(engine: Engine) -> Self {
        let backstage = Backstage::new(engine).await;
        let (backstage, login, mqtt) = Self::furnished(backstage, &json!({}), &json!({})).await;
        backstage.desk().update_app(login.tenant, RT_APP, |app| app.rt = false).await;
        Self { stage: backstage.start().await, login, mqtt }
    }

    /// The same, the server a process of its own.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn run(engine: Engine, program: &str) -> Self {
        Self::run_with(engine, program, |_| {}).await
    }

    /// The same with settings of its own.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn run_with(engine: Engine, program: &str, change: impl FnOnce(&mut Config)) -> Self {
        let backstage = Backstage::new(engine).await;
        // A test of many devices registers them as fast as they come.
        let settings = json!({"rt_tps": 1_000_000});
        let (backstage, login, mqtt) = Self::furnished(backstage, &settings, &json!({})).await;
        let backstage = backstage.config(change);
        Self { stage: backstage.start_process(program).await, login, mqtt }
    }

    /// A running server whose app has settings, and credentials beside its client key.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_as(engine: Engine, settings: &Value, secrets: &Value) -> Self {
        let backstage = Backstage::new(engine).await;
        let (backstage, login, mqtt) = Self::furnished(backstage, settings, secrets).await;
        Self { stage: backstage.start().await, login, mqtt }
    }

    async fn furnished(
        backstage: Backstage,
        settings: &Value,
        secrets: &Value,
    ) -> (Backstage, Login, SocketAddr) {
        Self::furnished_as(backstage, desk::tenant("chat"), settings, secrets).await
    }

    async fn furnished_as(
        backstage: Backstage,
        tenant: Tenant,
        settings: &Value,
        secrets: &Value,
    ) -> (Backstage, Login, SocketAddr) {
        let tenant = backstage.tenant(tenant).await;
        let service = Service {
            notify_url: Some(backstage.hook().url("/dlr")),
            inbound_url: Some(backstage.hook().url("/mo")),
            ..desk::service("chat")
        };
        let login = backstage.desk().create_service(tenant, service).await;
        let desk = backstage.desk();
        desk.create_app(tenant, RT_APP, AppKind::Mobile).await;
        let mut all = json!({"client_key": CLIENT_KEY});
        all.as_object_mut().expect("an object").extend(secrets.as_object().expect("an object").clone());
        desk.app_secrets(tenant, RT_APP, &all).await;
        desk.app_settings(tenant, RT_APP, settings).await;
        desk.default_app(tenant, login.service, "rt", RT_APP).await;
        let mqtt = SocketAddr::from((Ipv4Addr::LOCALHOST, free_address().port()));
        let backstage = backstage.config(|config| config.realtime.mqtt_listen = mqtt.to_string());
        (backstage, login, mqtt)
    }

    /// Calls the RT API as the app does.
    pub async fn call(&self, call: &str, body: &Value) -> Answer {
        let path = format!("/rtmsAPI/api/v3/{RT_APP}/{call}");
        let headers = [("content-type", "application/json"), ("secretKey", CLIENT_KEY)];
        self.stage.http.send(Method::POST, &path, &headers, body.to_string()).await
    }

    /// Calls the RT API as a device does, which names itself and shows its token.
    ///
    /// # Panics
    /// When `body` is no object.
    pub async fn call_as(&self, phone: &Phone, call: &str, mut body: Value) -> Answer {
        body.as_object_mut().expect("an object").insert("clientId".to_owned(), json!(phone.client_id));
        let path = format!("/rtmsAPI/api/v3/{RT_APP}/{call}");
        let headers = [
            ("content-type", "application/json"),
            ("secretKey", CLIENT_KEY),
            ("accessToken", phone.token.as_str()),
            ("sdkversion", "2.0.0"),
        ];
        self.stage.http.send(Method::POST, &path, &headers, body.to_string()).await
    }

    /// Registers a device of a user.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn register(&self, user: &str, device: &str) -> Phone {
        let update = json!({"os": "web", "osversion": "1", "language": "en", "useragent": "suite"});
        let body = json!({
            "tenant": "1", "userId": user, "channel": "rt", "channelType": "web", "deviceId": device,
            "data": {"update": update}
        });
        let answer = rt_done(&self.call("register", &body).await);
        Phone {
            client_id: answer["clientId"].as_str().expect("a client id").to_owned(),
            user: answer["userId"].as_str().expect("a user").to_owned(),
            token: answer["accessToken"].as_str().expect("a token").to_owned(),
        }
    }

    /// Sends an in-app message to users; its transaction id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn send(&self, users: &[&str], block: &Value) -> String {
        let body = json!({
            "deliverychannel": "rt", "channels": {"appmessaging": block}, "destination": [{"userid": users}]
        });
        self.stage.http.post(&self.login.key, &body).await.queued()
    }

    /// Connects a device and subscribes it.
    ///
    /// # Panics
    /// When it is not let in.
    pub async fn connect(&self, phone: &Phone, qos: QoS) -> Device {
        let mut device = Device::dial(self.mqtt, phone, CLIENT_KEY);
        assert_eq!(device.welcome().await, ConnectReturnCode::Success);
        device.subscribe(&format!("{RT_APP}/{}", phone.user), qos).await;
        device
    }
}

/// The members of an answer of 0, which is noted as proven.
///
/// # Panics
/// When it is refused.
pub fn rt_done(answer: &Answer) -> Value {
    let body = answer.json();
    assert_eq!((answer.http, &body["code"]), (200, &json!("0")), "{body}");
    proof::seen(Api::Realtime, "0", body["description"].as_str().expect("a description"));
    body
}

/// Asserts a refusal of the RT API and notes its code as proven; the field its detail names.
///
/// # Panics
/// When it is another answer.
pub fn rt_refused(answer: &Answer, http: u16, code: u16) -> String {
    let body = answer.json();
    let told = body["code"].as_str().map_or_else(|| body["code"].to_string(), str::to_owned);
    assert_eq!((answer.http, told.as_str()), (http, code.to_string().as_str()), "{body}");
    assert_eq!(answer.headers["content-type"], "application/json");
    proof::seen(Api::Realtime, &told, body["description"].as_str().expect("a description"));
    body["detail"]["field"].as_str().expect("a field").to_owned()
}

/// A device on the broker.
pub struct Device {
    client: AsyncClient,
    events: EventLoop,
    /// Messages that came while something else was waited for.
    early: VecDeque<Publish>,
    /// Whether the broker said that it knew its session.
    pub session_present: bool,
}

impl Device {
    /// A device that is about to connect.
    #[must_use]
    pub fn dial(broker: SocketAddr, phone: &Phone, key: &str) -> Self {
        let name = format!("{RT_APP}/{}", phone.user);
        Self::dial_as(broker, &format!("{}/at_{}", phone.client_id, phone.token), &name, key)
    }

    /// The same with ids of its own; never clean.
    #[must_use]
    pub fn dial_as(broker: SocketAddr, client_id: &str, name: &str, key: &str) -> Self {
        let mut options = MqttOptions::new(client_id, broker.ip().to_string(), broker.port());
        options.set_credentials(name, key);
        options.set_clean_session(false);
        options.set_keep_alive(std::time::Duration::from_secs(10));
        options.set_manual_acks(true);
        let (client, events) = AsyncClient::new(options, 100);
        Self { client, events, early: VecDeque::new(), session_present: false }
    }

    /// The answer to CONNECT.
    ///
    /// # Panics
    /// When there is none.
    pub async fn welcome(&mut self) -> ConnectReturnCode {
        let answered = within("CONNACK", self.events.poll()).await;
        match answered {
            Ok(Event::Incoming(Packet::ConnAck(answer))) => {
                self.session_present = answer.session_present;
                answer.code
            }
            Err(rumqttc::ConnectionError::ConnectionRefused(code)) => code,
            other => panic!("no CONNACK but {other:?}"),
        }
    }

    /// Subscribes; whether it was granted.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn subscribe(&mut self, topic: &str, qos: QoS) -> bool {
        self.client.subscribe(topic, qos).await.expect("a client that runs");
        let answer = self
            .until("SUBACK", |event| match event {
                Event::Incoming(Packet::SubAck(answer)) => Some(answer.clone()),
                _ => None,
            })
            .await;
        answer.return_codes.iter().all(|code| *code != SubscribeReasonCode::Failure)
    }

    /// Waits for an event; messages that come before it are kept for later.
    async fn until<T>(&mut self, what: &str, found: impl Fn(&Event) -> Option<T>) -> T {
        within(what, async {
            loop {
                let event = self.events.poll().await.expect("a connection that lives");
                if let Some(found) = found(&event) {
                    return found;
                }
                if let Event::Incoming(Packet::Publish(publish)) = event {
                    self.early.push_back(publish);
                }
            }
        })
        .await
    }

    /// The next message, not acknowledged: topic, JSON, and what acknowledges it.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn next_unacknowledged(&mut self) -> (Publish, Value) {
        let publish = match self.early.pop_front() {
            Some(publish) => publish,
            None => {
                self.until("a message", |event| match event {
                    Event::Incoming(Packet::Publish(publish)) => Some(publish.clone()),
                    _ => None,
                })
                .await
            }
        };
        let json = serde_json::from_slice(&publish.payload).expect("JSON");
        (publish, json)
    }

    /// The next message, acknowledged.
    ///
    /// # Panics
    /// When there is none in time.
    pub async fn next(&mut self) -> Value {
        let (publish, json) = self.next_unacknowledged().await;
        self.acknowledge(&publish).await;
        json
    }

    /// Acknowledges a message and waits until the broker has that: what follows on a connection is handled after it.
    ///
    /// # Panics
    /// When the client does not run.
    pub async fn acknowledge(&mut self, publish: &Publish) {
        self.client.ack(publish).await.expect("a client that runs");
        if publish.qos == QoS::ExactlyOnce {
            let completed =
                |event: &Event| matches!(event, Event::Outgoing(Outgoing::PubComp(_))).then_some(());
            self.until("PUBCOMP", completed).await;
        }
        self.subscribe(&format!("{RT_APP}/Updates/suite"), QoS::AtMostOnce).await;
    }

    /// Whether the connection ends next, whatever is told before.
    pub async fn ends(&mut self) -> bool {
        within("the end of a connection", async {
            loop {
                if self.events.poll().await.is_err() {
                    return true;
                }
            }
        })
        .await
    }

    /// Asks to publish, which no device may.
    ///
    /// # Panics
    /// When the client does not run.
    pub async fn publish(&self, topic: &str) {
        self.client.publish(topic, QoS::AtLeastOnce, false, "x").await.expect("a client that runs");
    }
}
