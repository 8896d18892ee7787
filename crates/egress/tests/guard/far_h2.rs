//! Servers of HTTP/2: one by a library, and one that writes frames by hand, to misbehave.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Response, Uri};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use url::Url;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A server that keeps to the standard. It answers when it has `gate` permits.
pub struct FarH2 {
    pub port: u16,
    pub gate: Arc<Semaphore>,
    pub connections: Arc<AtomicUsize>,
    pub open: Arc<AtomicUsize>,
    pub open_most: Arc<AtomicUsize>,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<Response<Bytes>>,
}

impl Clone for FarH2 {
    fn clone(&self) -> Self {
        let Self { port, gate, connections, open, open_most, seen, answer } = self;
        Self {
            port: *port,
            gate: gate.clone(),
            connections: connections.clone(),
            open: open.clone(),
            open_most: open_most.clone(),
            seen: seen.clone(),
            answer: answer.clone(),
        }
    }
}

impl FarH2 {
    /// Answers with `answer` at once.
    pub async fn new(answer: Response<Bytes>) -> Self {
        Self::with(answer, Semaphore::MAX_PERMITS, |tcp| async move { Some(tcp) }).await
    }

    pub async fn with<S, F>(
        answer: Response<Bytes>,
        permits: usize,
        wrap: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = Option<S>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let far = Self {
            port: listener.local_addr().unwrap().port(),
            gate: Arc::new(Semaphore::new(permits)),
            connections: Arc::default(),
            open: Arc::default(),
            open_most: Arc::default(),
            seen: Arc::default(),
            answer: Arc::new(answer),
        };
        let side = far.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                side.connections.fetch_add(1, Ordering::SeqCst);
                let (side, wrapped) = (side.clone(), wrap(tcp));
                tokio::spawn(async move {
                    if let Some(stream) = wrapped.await {
                        side.serve(stream).await;
                    }
                });
            }
        });
        far
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Ok(mut connection) = h2::server::handshake(stream).await else { return };
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            let side = self.clone();
            tokio::spawn(async move {
                let open = side.open.fetch_add(1, Ordering::SeqCst) + 1;
                side.open_most.fetch_max(open, Ordering::SeqCst);
                let (head, mut body) = request.into_parts();
                let mut whole = Vec::new();
                while let Some(Ok(data)) = body.data().await {
                    whole.extend_from_slice(&data);
                }
                let seen =
                    Seen { method: head.method, uri: head.uri, headers: head.headers, body: whole.into() };
                side.seen.lock().unwrap().push(seen);
                side.gate.acquire().await.unwrap().forget();
                side.open.fetch_sub(1, Ordering::SeqCst);
                let (head, body) = Response::clone(&side.answer).into_parts();
                if let Ok(mut stream) = respond.send_response(Response::from_parts(head, ()), false) {
                    let _ = stream.send_data(body, true);
                }
            });
        }
    }

    pub fn url(&self, path: &str) -> Url {
        format!("http://service.test:{}{path}", self.port).parse().unwrap()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// What the hand-written server does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// 200 without a body.
    Answer,
    /// GOAWAY that names a stream before this one, and this error.
    GoAwayBefore(u32),
    /// 200, then GOAWAY; the connection stays open.
    AnswerThenGoAway,
    /// RST_STREAM with this error.
    Reset(u32),
    /// Nothing.
    Silence,
    /// Ends the connection.
    Hangup,
}

/// Does one deed for each request, the last one for all that follow.
pub struct FarFrames {
    pub port: u16,
    pub connections: Arc<AtomicUsize>,
    pub requests: Arc<AtomicUsize>,
}

impl FarFrames {
    pub async fn new(deeds: &'static [Deed]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let side = Self { port, connections: connections.clone(), requests: requests.clone() };
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let requests = requests.clone();
                tokio::spawn(async move { frames(tcp, deeds, &requests).await });
            }
        });
        side
    }

    pub fn url(&self) -> Url {
        format!("http://service.test:{}/", self.port).parse().unwrap()
    }

    pub fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM_END_HEADERS: u8 = 5;
/// The indexed field `:status: 200`.
const STATUS_200: &[u8] = &[0x88];

async fn frames(mut tcp: TcpStream, deeds: &[Deed], requests: &AtomicUsize) -> Option<()> {
    let mut preface = [0; 24];
    tcp.read_exact(&mut preface).await.ok()?;
    write(&mut tcp, SETTINGS, 0, 0, &[]).await?;
    loop {
        let mut head = [0; 9];
        tcp.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let mut payload = vec![0; length];
        tcp.read_exact(&mut payload).await.ok()?;
        match head[3] {
            SETTINGS if head[4] & ACK == 0 => write(&mut tcp, SETTINGS, ACK, 0, &[]).await?,
            PING if head[4] & ACK == 0 => write(&mut tcp, PING, ACK, 0, &payload).await?,
            HEADERS => {
                let n = requests.fetch_add(1, Ordering::SeqCst);
                let deed = deeds[n.min(deeds.len() - 1)];
                act(&mut tcp, stream, deed).await?;
            }
            _ => {}
        }
    }
}

async fn act(tcp: &mut TcpStream, stream: u32, deed: Deed) -> Option<()> {
    let go_away = |last: u32, reason: u32| [last.to_be_bytes(), reason.to_be_bytes()].concat();
    match deed {
        Deed::Answer => write(tcp, HEADERS, END_STREAM_END_HEADERS, stream, STATUS_200).await,
        Deed::AnswerThenGoAway => {
            write(tcp, HEADERS, END_STREAM_END_HEADERS, stream, STATUS_200).await?;
            write(tcp, GOAWAY, 0, 0, &go_away(stream, 0)).await
        }
        Deed::GoAwayBefore(reason) => {
            write(tcp, GOAWAY, 0, 0, &go_away(stream.saturating_sub(2), reason)).await
        }
        Deed::Reset(reason) => write(tcp, RST_STREAM, 0, stream, &reason.to_be_bytes()).await,
        Deed::Silence => Some(()),
        Deed::Hangup => None,
    }
}

async fn write(tcp: &mut TcpStream, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Option<()> {
    let length = u32::try_from(payload.len()).ok()?.to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    tcp.write_all(&[&head, payload].concat()).await.ok()
}
