//! An EMQX where none is: a Mosquitto that lets everybody do everything, and before it a door that asks as an EMQX asks and has
//! its REST API. Sessions and deliveries are Mosquitto's.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use rumqttc::{
    AsyncClient, Codec, ConnAck, ConnectReturnCode, Login, MqttOptions, Outgoing, Packet, PubAck, QoS,
    SubAck, Subscribe, SubscribeFilter, SubscribeReasonCode,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{MutexGuard, Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::codec::Framed;
use waypost_suite::within;

use super::ask::{Ask, Let};
use super::ours;

/// Largest packet either way.
pub const PACKET_BYTES_MAX: usize = 1 << 20;

/// The packet number of what the broker does by itself; no client here counts so far.
const OWN_PACKET: u16 = u16::MAX;

type Stream = Framed<TcpStream, Codec>;

/// A session the broker has.
struct Session {
    username: String,
    connected: bool,
    /// Which of the connections there have been.
    number: u64,
    kicked: Arc<Notify>,
    /// What the broker subscribes it to by itself; told when that is done.
    topics: mpsc::Sender<(SubscribeFilter, oneshot::Sender<()>)>,
    /// What it is subscribed to.
    subscribed: BTreeSet<String>,
}

/// The door, and who has come through it.
#[derive(Clone)]
pub struct Front(pub(super) Arc<Parts>);

pub(super) struct Parts {
    pub ask: Ask,
    /// Where the Mosquitto is.
    inner: u16,
    /// Whether it is a version that takes rules from the answer.
    with_rules: bool,
    sessions: Mutex<BTreeMap<String, Session>>,
    /// Topics of what was published, in their order.
    pub published: Mutex<Vec<String>>,
    /// Whether the next message of the server is refused.
    pub refuse_next: AtomicBool,
    /// Taken while a session is subscribed over the REST API.
    may_subscribe: tokio::sync::Mutex<()>,
}

impl Front {
    pub fn new(ask: Ask, inner: u16, with_rules: bool) -> Self {
        Self(Arc::new(Parts {
            ask,
            inner,
            with_rules,
            sessions: Mutex::default(),
            published: Mutex::default(),
            refuse_next: AtomicBool::new(false),
            may_subscribe: tokio::sync::Mutex::default(),
        }))
    }

    /// Serves until it is dropped; its connections end with it.
    pub async fn serve(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.spawn(self.clone().connection(stream));
        }
    }

    async fn connection(self, stream: TcpStream) {
        if is_five(&stream).await {
            return ours::connection(&self, stream).await;
        }
        let mut client = framed(stream);
        let Some(Ok(Packet::Connect(connect))) = client.next().await else { return };
        let Login { username, password } =
            connect.login.clone().unwrap_or_else(|| Login::new(String::new(), String::new()));
        let asked =
            self.0.ask.authenticate(&connect.client_id, &username, &password, self.0.with_rules).await;
        let Some(allowed) = asked else {
            let refused = ConnAck { session_present: false, code: ConnectReturnCode::NotAuthorized };
            let _ = client.send(Packet::ConnAck(refused)).await;
            return;
        };
        let (client_id, is_clean) = (connect.client_id.clone(), connect.clean_session);
        let Ok(stream) = self.inside().await else { return };
        let mut inner = framed(stream);
        inner.send(Packet::Connect(connect)).await.unwrap();
        let (number, kicked, mut topics) = self.enter(&client_id, username);
        tokio::select! {
            () = self.carry(&allowed, &mut client, &mut inner, &mut topics) => {}
            () = kicked.notified() => {}
        }
        self.leave(&client_id, number, is_clean);
    }

    /// A connection to the Mosquitto.
    pub async fn inside(&self) -> io::Result<TcpStream> {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.0.inner)).await
    }

    /// The next message that the server publishes is not taken, as by a broker that let it in unasked while it started.
    pub fn refuse_next(&self) {
        self.0.refuse_next.store(true, Ordering::SeqCst);
    }

    /// Both ways, until either end is gone.
    async fn carry(
        &self,
        allowed: &Let,
        client: &mut Stream,
        inner: &mut Stream,
        topics: &mut mpsc::Receiver<(SubscribeFilter, oneshot::Sender<()>)>,
    ) {
        let mut asked = None;
        // Subscriptions that are not answered, by their packets.
        let mut pending: BTreeMap<u16, Vec<String>> = BTreeMap::new();
        loop {
            let passed = tokio::select! {
                packet = client.next() => match packet {
                    Some(Ok(packet)) => match self.judge(allowed, packet).await {
                        Ok(packet) => {
                            if let Packet::Subscribe(Subscribe { pkid, filters }) = &packet {
                                let topics = filters.iter().map(|filter| filter.path.clone());
                                pending.insert(*pkid, topics.collect());
                            }
                            inner.send(packet).await
                        }
                        Err(Some(answer)) => client.send(answer).await,
                        Err(None) => Ok(()),
                    },
                    _ => return,
                },
                Some((filter, done)) = topics.recv() => {
                    asked = Some(done);
                    let mut subscribe = Subscribe::new_many([filter]);
                    subscribe.pkid = OWN_PACKET;
                    inner.send(Packet::Subscribe(subscribe)).await
                }
                packet = inner.next() => match packet {
                    Some(Ok(Packet::SubAck(SubAck { pkid: OWN_PACKET, .. }))) => {
                        asked.take().and_then(|done: oneshot::Sender<()>| done.send(()).ok());
                        Ok(())
                    }
                    Some(Ok(packet)) => {
                        if let Packet::SubAck(SubAck { pkid, .. }) = &packet {
                            self.note(&allowed.client_id, pending.remove(pkid).unwrap_or_default());
                        }
                        client.send(packet).await
                    }
                    _ => return,
                },
            };
            if passed.is_err() {
                return;
            }
        }
    }

    /// What the broker gets; else what the client is answered.
    async fn judge(&self, allowed: &Let, packet: Packet) -> Result<Packet, Option<Packet>> {
        let ask = &self.0.ask;
        match packet {
            Packet::Subscribe(subscribe) => {
                for filter in &subscribe.filters {
                    if !ask.authorize(allowed, "subscribe", filter.qos as u8, &filter.path).await {
                        let codes = vec![SubscribeReasonCode::Failure; subscribe.filters.len()];
                        return Err(Some(Packet::SubAck(SubAck::new(subscribe.pkid, codes))));
                    }
                }
                Ok(Packet::Subscribe(subscribe))
            }
            Packet::Publish(publish) => {
                if ask.authorize(allowed, "publish", publish.qos as u8, &publish.topic).await {
                    return Ok(Packet::Publish(publish));
                }
                Err((publish.qos == QoS::AtLeastOnce).then(|| Packet::PubAck(PubAck::new(publish.pkid))))
            }
            packet => Ok(packet),
        }
    }

    #[expect(clippy::type_complexity, reason = "the other ends of one session's members")]
    fn enter(
        &self,
        client_id: &str,
        username: String,
    ) -> (u64, Arc<Notify>, mpsc::Receiver<(SubscribeFilter, oneshot::Sender<()>)>) {
        let mut sessions = self.0.sessions.lock().unwrap();
        let before = sessions.get(client_id).map_or(0, |session| session.number);
        let kicked = Arc::new(Notify::new());
        let number = before + 1;
        let (topics, asked) = mpsc::channel(1);
        let session = Session {
            username,
            connected: true,
            number,
            kicked: Arc::clone(&kicked),
            topics,
            subscribed: BTreeSet::new(),
        };
        // An earlier connection of this name is Mosquitto's to end.
        sessions.insert(client_id.to_owned(), session);
        (number, kicked, asked)
    }

    fn leave(&self, client_id: &str, number: u64, is_clean: bool) {
        let mut sessions = self.0.sessions.lock().unwrap();
        let Some(session) = sessions.get_mut(client_id).filter(|session| session.number == number) else {
            return;
        };
        session.connected = false;
        if is_clean {
            sessions.remove(client_id);
        }
    }

    /// The sessions: client id, user name, whether it is connected.
    pub fn sessions(&self) -> Vec<(String, String, bool)> {
        let sessions = self.0.sessions.lock().unwrap();
        let told =
            |(id, session): (&String, &Session)| (id.clone(), session.username.clone(), session.connected);
        sessions.iter().map(told).collect()
    }

    /// How often something was published to a topic.
    pub fn published(&self, topic: &str) -> usize {
        self.0.published.lock().unwrap().iter().filter(|published| *published == topic).count()
    }

    /// Until this is dropped no session is subscribed over the REST API.
    pub async fn hold(&self) -> MutexGuard<'_, ()> {
        self.0.may_subscribe.lock().await
    }

    /// Has a session subscribed; whether there is one. It says so before it is done, as the real one does.
    pub fn subscribe(&self, client_id: &str, topic: &str, qos: u8) -> bool {
        let topics = self.0.sessions.lock().unwrap().get(client_id).map(|session| session.topics.clone());
        let Some(topics) = topics else { return false };
        let (front, client_id, topic) = (self.clone(), client_id.to_owned(), topic.to_owned());
        tokio::spawn(async move {
            let _turn = front.0.may_subscribe.lock().await;
            let filter = SubscribeFilter::new(topic.clone(), rumqttc::mqttbytes::qos(qos).unwrap());
            let (done, told) = oneshot::channel();
            // The session may have gone meanwhile.
            if topics.send((filter, done)).await.is_ok() && told.await.is_ok() {
                front.note(&client_id, vec![topic]);
            }
        });
        true
    }

    fn note(&self, client_id: &str, topics: Vec<String>) {
        if let Some(session) = self.0.sessions.lock().unwrap().get_mut(client_id) {
            session.subscribed.extend(topics);
        }
    }

    /// What a session is subscribed to; `None` when there is none.
    pub fn subscribed(&self, client_id: &str) -> Option<BTreeSet<String>> {
        self.0.sessions.lock().unwrap().get(client_id).map(|session| session.subscribed.clone())
    }

    /// Whether any session is subscribed to a topic.
    pub fn is_routed(&self, topic: &str) -> bool {
        self.0.sessions.lock().unwrap().values().any(|session| session.subscribed.contains(topic))
    }

    /// Ends a session with all that is kept for it; whether there was one.
    pub async fn discard(&self, client_id: &str) -> bool {
        let Some(session) = self.0.sessions.lock().unwrap().remove(client_id) else { return false };
        session.kicked.notify_one();
        // Who comes with a clean session takes its place (MQTT-3.1.4-2) and leaves nothing behind (MQTT-3.1.2-6).
        let mut options = MqttOptions::new(client_id, Ipv4Addr::LOCALHOST.to_string(), self.0.inner);
        options.set_clean_session(true);
        let (client, mut events) = AsyncClient::new(options, 4);
        client.disconnect().await.unwrap();
        within("a session to be discarded", async {
            while let Ok(event) = events.poll().await {
                if matches!(event, rumqttc::Event::Outgoing(Outgoing::Disconnect)) {
                    return;
                }
            }
        })
        .await;
        true
    }
}

/// Whether the client speaks MQTT 5: its level stands behind the name of the protocol.
async fn is_five(stream: &TcpStream) -> bool {
    let mut head = [0; 16];
    while stream.readable().await.is_ok() {
        let Ok(read @ 1..) = stream.peek(&mut head).await else { return false };
        let name = head[..read].windows(4).position(|window| window == b"MQTT");
        if let Some(level) = name.and_then(|name| head[..read].get(name + 4)) {
            return *level == 5;
        }
        if read == head.len() {
            return false;
        }
        tokio::task::yield_now().await;
    }
    false
}

fn framed(stream: TcpStream) -> Stream {
    Framed::new(stream, Codec { max_incoming_size: PACKET_BYTES_MAX, max_outgoing_size: PACKET_BYTES_MAX })
}

/// Binds a port, 0 for any.
pub async fn bind(port: u16) -> TcpListener {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.unwrap()
}
