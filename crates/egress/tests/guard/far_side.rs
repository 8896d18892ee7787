//! Servers that say what they are told, and a resolver that knows what it is told.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;
use waypost_core::time::{ManualClock, Micros};
use waypost_egress::{Egress, EgressPolicy, Lookup, Resolver};

pub const NOW: Micros = Micros::from_secs(1_700_000_000);

/// Each look-up of a name gives the next of its answers; the last one stays.
#[derive(Default)]
pub struct Names {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    pub lookups: AtomicUsize,
}

impl Names {
    pub fn of(name: &str, answers: &[&[&str]]) -> Arc<Self> {
        let parse = |addrs: &&[&str]| addrs.iter().map(|addr| addr.parse().unwrap()).collect();
        let answers = answers.iter().map(parse).collect();
        Arc::new(Self {
            answers: Mutex::new(HashMap::from([(name.to_owned(), answers)])),
            lookups: AtomicUsize::new(0),
        })
    }
}

impl Resolver for Names {
    fn lookup(&self, host: &str) -> Lookup {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let found = match answers.get_mut(host) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers[0].clone()),
            None => Err(io::Error::other("no such name")),
        };
        Box::pin(async move { found })
    }
}

pub fn egress(policy: EgressPolicy, names: Arc<Names>) -> Egress {
    Egress::new(policy, names, Arc::new(ManualClock::new(NOW))).unwrap()
}

/// A client that may speak to this host, and knows it as `service.test`.
pub fn local() -> Egress {
    egress(EgressPolicy::sandbox(), Names::of("service.test", &[&["127.0.0.1"]]))
}

/// A server that reads requests one after the other and writes the same bytes for each.
pub struct FarSide {
    pub port: u16,
    pub accepted: Arc<AtomicUsize>,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl FarSide {
    pub async fn new(answer: impl Into<Vec<u8>>) -> Self {
        Self::with(answer.into(), |tcp| async move { Ok(tcp) }).await
    }

    pub async fn with<S, F>(
        answer: Vec<u8>,
        wrap: impl Fn(tokio::net::TcpStream) -> F + Send + Sync + 'static,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (accepted, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let side = Self { port, accepted: accepted.clone(), requests: requests.clone() };
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (answer, requests, wrapped) = (answer.clone(), requests.clone(), wrap(tcp));
                tokio::spawn(async move {
                    if let Ok(stream) = wrapped.await {
                        serve(stream, &answer, &requests).await;
                    }
                });
            }
        });
        side
    }

    pub fn url(&self, path: &str) -> Url {
        format!("http://service.test:{}{path}", self.port).parse().unwrap()
    }

    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &[u8],
    requests: &Mutex<Vec<String>>,
) {
    let mut seen = Vec::new();
    let mut buf = [0; 4_096];
    loop {
        while let Some(end) = whole_request(&seen) {
            let request: Vec<u8> = seen.drain(..end).collect();
            requests.lock().unwrap().push(String::from_utf8(request).unwrap());
            if stream.write_all(answer).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
        match stream.read(&mut buf).await {
            Ok(n) if n > 0 => seen.extend_from_slice(&buf[..n]),
            _ => return,
        }
    }
}

/// The length of the first request in `seen`, when it is all there.
fn whole_request(seen: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(seen).ok()?;
    let head = text.find("\r\n\r\n")? + 4;
    let length = text[..head].lines().find_map(|line| line.strip_prefix("content-length: "));
    let whole = head + length.map_or(0, |length| length.parse::<usize>().unwrap());
    (seen.len() >= whole).then_some(whole)
}
