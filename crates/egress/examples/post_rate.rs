//! Small posts a second to a server on this host; client and server on one thread each.
//!
//! `cargo run --release -p waypost-egress --example post_rate [requests]`

#![expect(clippy::print_stdout, reason = "the figures are its purpose")]

use std::convert::Infallible;
use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use url::Url;
use waypost_core::time::SystemClock;
use waypost_egress::{Egress, EgressPolicy, SystemResolver};

type AnyError = Box<dyn Error + Send + Sync>;

async fn answer(request: http::Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    // A body that breaks off is answered all the same: only the count matters here.
    let _ = request.into_body().collect().await;
    Ok(Response::new(Full::new(Bytes::from_static(b"ok"))))
}

/// A server on a thread of its own; returns its port.
fn serve() -> Result<u16, AnyError> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || -> Result<(), AnyError> {
        Builder::new_current_thread().enable_all().build()?.block_on(async move {
            let listener = TcpListener::from_std(listener)?;
            loop {
                let (tcp, _) = listener.accept().await?;
                tcp.set_nodelay(true)?;
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(tcp), service_fn(answer)));
            }
        })
    });
    Ok(port)
}

async fn run(client: Egress, url: Url, requests: usize) -> Result<(), AnyError> {
    let body = Bytes::from_static(&[b'x'; 400]);
    for _ in 0..requests {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        client.post(&url, headers, body.clone(), 5_000, 1_000).await?;
    }
    Ok(())
}

fn main() -> Result<(), AnyError> {
    let requests = std::env::args().nth(1).map_or(Ok(200_000), |n| n.parse::<usize>())?;
    let url: Url = format!("http://127.0.0.1:{}/callback?a=b", serve()?).parse()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    for workers in [1, 16, 32] {
        let resolver = Arc::new(SystemResolver::default());
        let client = Egress::new(EgressPolicy::sandbox(), resolver, Arc::new(SystemClock))?;
        let began = Instant::now();
        runtime.block_on(async {
            let run = |_| tokio::spawn(run(client.clone(), url.clone(), requests / workers));
            for worker in (0..workers).map(run).collect::<Vec<_>>() {
                worker.await??;
            }
            Ok::<(), AnyError>(())
        })?;
        let rate = requests as f64 / began.elapsed().as_secs_f64();
        println!("workers={workers} requests={requests} requests_per_s={rate:.0}");
    }
    Ok(())
}
