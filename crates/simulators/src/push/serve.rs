//! The HTTP side: HTTP/2 by prior knowledge, HTTP/1.1 where the real cloud takes it.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use waypost_channels::push::outcomes::Row;

use super::forced::{named, row};
use super::reply::{Asked, Asks, Reply, Rules, Verdict};
use super::sim::{Fault, Received, Shared, Sim};

/// Longest body read.
const BODY_BYTES_MAX: usize = 262_144;

/// Listens on loopback; the rules are made for the address.
pub(super) async fn start<R: Rules>(rules: impl FnOnce(String) -> Arc<R>) -> io::Result<Sim> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let rules = rules(format!("http://{address}"));
    let shared = Arc::new(Shared::default());
    let side = Arc::clone(&shared);
    let acceptor = tokio::spawn(async move {
        loop {
            // A failed accept is the peer's; the next one may be better.
            let Ok((tcp, _)) = listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            side.connections.send_modify(|count| *count += 1);
            let (rules, shared) = (Arc::clone(&rules), Arc::clone(&side));
            tokio::spawn(connection(tcp, rules, shared));
        }
    });
    Ok(Sim::new(address, shared, acceptor))
}

async fn connection<R: Rules>(tcp: TcpStream, rules: Arc<R>, shared: Arc<Shared>) {
    // Small answers wait for nothing.
    let _ = tcp.set_nodelay(true);
    let side = Arc::clone(&shared);
    let service = service_fn(move |request| {
        let (rules, shared) = (Arc::clone(&rules), Arc::clone(&side));
        async move { exchange(request, &*rules, &shared).await }
    });
    let builder = Builder::new(TokioExecutor::new());
    let builder = if R::TAKES_HTTP1 { builder } else { builder.http2_only() };
    let mut goodbyes = shared.goodbyes.subscribe();
    let mut end = pin!(shared.end.notified());
    end.as_mut().enable();
    let mut served = pin!(builder.serve_connection(TokioIo::new(tcp), service));
    loop {
        tokio::select! {
            ended = served.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection to a push simulator ended");
                }
                return;
            }
            said = goodbyes.changed() => {
                if said.is_err() {
                    return;
                }
                served.as_mut().graceful_shutdown();
            }
            () = end.as_mut() => return,
        }
    }
}

async fn exchange<R: Rules>(
    request: Request<Incoming>,
    rules: &R,
    shared: &Shared,
) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        return Ok(response(&Reply::new(413, "", String::new())));
    };
    let path = head.uri.path().to_owned();
    let asked = Asked {
        method: head.method,
        path,
        version: head.version,
        headers: head.headers,
        body: body.to_bytes(),
    };
    let verdict = match rules.judge(&asked) {
        Asks::Other(reply) => return Ok(response(&reply)),
        Asks::Message(verdict) => verdict,
    };
    let reply = match shared.next_fault() {
        None => verdict.reply.clone(),
        Some(Fault::Code(code)) => programmed(rules, row(R::PROVIDER, code)),
        Some(Fault::Error(word)) => programmed(rules, named(R::PROVIDER, &word)),
        Some(Fault::Status(status, after)) => faulty(status, after),
        Some(Fault::Silence) => match silence().await {},
        Some(Fault::Late) => {
            let (reply, mut late) = (verdict.reply.clone(), shared.late.subscribe());
            shared.keep(received(&asked, verdict, &reply));
            // The sender lives as long as this connection.
            drop(late.changed().await);
            return Ok(response(&reply));
        }
        Some(Fault::Reset) => return Err(io::Error::other("a reset was asked for")),
    };
    shared.keep(received(&asked, verdict, &reply));
    Ok(response(&reply))
}

/// What the cloud cannot say is a fault of whoever programmed it, and seen as one.
fn programmed<R: Rules>(rules: &R, row: Option<&Row>) -> Reply {
    row.map_or_else(|| faulty(500, None), |row| rules.answer_of(row))
}

/// Never answers; ends with the connection.
async fn silence() -> Infallible {
    std::future::pending().await
}

fn faulty(status: u16, retry_after: Option<u32>) -> Reply {
    let reply = Reply::new(status, &format!("HTTP {status}"), String::new());
    match retry_after {
        Some(secs) => reply.with("retry-after", secs.to_string()),
        None => reply,
    }
}

fn received(asked: &Asked, verdict: Verdict, reply: &Reply) -> Received {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = asked.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
    Received {
        address: verdict.address,
        body: verdict.content,
        headers,
        version: format!("{:?}", asked.version),
        status: reply.status,
        error: reply.error.clone(),
        id: reply.id.clone(),
    }
}

fn response(reply: &Reply) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    // Only what this module's clouds write, so it can be sent; a fault's status may be none.
    response
        .body(Full::new(Bytes::from(reply.body.clone())))
        .unwrap_or_else(|_| Response::new(Full::new(Bytes::new())))
}
