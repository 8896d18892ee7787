//! Ten thousand calls leave nothing behind: no port, no socket, no task, no place. The far end is a small one of our own,
//! for SIPp would be what is measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::UdpSocket;
use waypost_channels::voice::sip::message::Message;
use waypost_channels::voice::sip::parse::parse;
use waypost_channels::voice::trunk::{Placing, Trunk};

use crate::support::{Line, prompt, trunk};

const CALLS: usize = 10_000;

/// Answers every INVITE at once, every tenth with busy, and every BYE.
async fn answer(far: Arc<UdpSocket>) {
    let port = far.local_addr().unwrap().port();
    let body = format!(
        "v=0\r\no=far 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n"
    );
    let (mut buffer, mut count) = (vec![0; 65_536], 0_u64);
    loop {
        let Ok((length, from)) = far.recv_from(&mut buffer).await else { continue };
        // Sound comes here, too.
        let Ok(message) = parse(&buffer[..length]) else { continue };
        let Some(method) = message.method() else { continue };
        let (status, words) = match method {
            "ACK" => continue,
            "INVITE" => {
                count += 1;
                if count.is_multiple_of(10) { (486, "Busy Here") } else { (200, "OK") }
            }
            _ => (200, "OK"),
        };
        let mut response = Message::response(&message, status, words);
        if method == "INVITE" {
            // The same INVITE gets the same tag, as a repetition must.
            let tag = message.call_id().unwrap_or_default().to_owned();
            let to = format!("{};tag={tag}", message.header("To").unwrap());
            response.set("To", to);
            response = response.with("Contact", format!("<sip:far@127.0.0.1:{port}>"));
            if status == 200 {
                response = response.with_body("application/sdp", body.clone());
            }
        }
        far.send_to(&response.to_bytes(), from).await.unwrap();
    }
}

/// Sockets and files this process has open.
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

async fn call(trunk: &Trunk) -> usize {
    let mut line = Line::call(trunk, prompt(20)).await;
    match line.placing {
        Placing::Placed { .. } => usize::from(line.codes().await.contains(&7519)),
        ref other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ten_thousand_calls_leave_nothing_behind() {
    let before = open_files();
    let far = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let address: SocketAddr = far.local_addr().unwrap();
    let far_end = tokio::spawn(answer(Arc::clone(&far)));
    // Ports for no more calls than may run at once: one that is kept would be missed.
    let more = "calls_max = 60\ncalls_per_second = 0\nrtp_port_min = 31000\nrtp_port_max = 31139";
    let trunk = trunk(address.port(), more);
    let answered: usize = futures_util::stream::iter(0..CALLS)
        .map(|_| call(&trunk))
        .buffer_unordered(40)
        .fold(0, |a, b| async move { a + b })
        .await;
    assert!((8_900..=9_100).contains(&answered), "{answered}");
    assert_eq!(trunk.standing().calls, 0);
    trunk.close(Duration::from_secs(10)).await;
    far_end.abort();
    let _ = far_end.await;
    drop(far);
    assert_eq!(open_files(), before);
}
