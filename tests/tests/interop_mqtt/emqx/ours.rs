//! The server's own connection at the door: of MQTT 5, and allowed everything.

use std::sync::atomic::Ordering;

use futures_util::{SinkExt, StreamExt};
use rumqttc::v5::mqttbytes::v5::{Codec, ConnAck, ConnectReturnCode, Login, Packet, PubRec, PubRecReason};
use tokio::net::TcpStream;
use tokio_util::codec::Framed;

use super::front::{Front, PACKET_BYTES_MAX};

type Stream = Framed<TcpStream, Codec>;

/// Asks, and carries both ways until either end is gone.
pub async fn connection(front: &Front, stream: TcpStream) {
    let mut client = framed(stream);
    let Some(Ok(Packet::Connect(connect, will, Some(login)))) = client.next().await else { return };
    let Login { username, password } = &login;
    let asked = front.0.ask.authenticate(&connect.client_id, username, password, true).await;
    if !asked.is_some_and(|allowed| allowed.is_superuser) {
        let code = ConnectReturnCode::NotAuthorized;
        let refused = ConnAck { session_present: false, code, properties: None };
        let _ = client.send(Packet::ConnAck(refused)).await;
        return;
    }
    let Ok(stream) = front.inside().await else { return };
    let mut inner = framed(stream);
    inner.send(Packet::Connect(connect, will, Some(login))).await.unwrap();
    loop {
        let passed = tokio::select! {
            packet = client.next() => match packet {
                Some(Ok(packet)) => match refused(front, &packet) {
                    Some(answer) => client.send(answer).await,
                    None => inner.send(packet).await,
                },
                _ => return,
            },
            packet = inner.next() => match packet {
                Some(Ok(packet)) => client.send(packet).await,
                _ => return,
            },
        };
        if passed.is_err() {
            return;
        }
    }
}

/// The answer to a message that is not taken; what is taken is noted.
fn refused(front: &Front, packet: &Packet) -> Option<Packet> {
    let Packet::Publish(publish) = packet else { return None };
    if front.0.refuse_next.swap(false, Ordering::SeqCst) {
        let reason = PubRecReason::NotAuthorized;
        return Some(Packet::PubRec(PubRec { pkid: publish.pkid, reason, properties: None }));
    }
    front.0.published.lock().unwrap().push(String::from_utf8(publish.topic.to_vec()).unwrap());
    None
}

fn framed(stream: TcpStream) -> Stream {
    let max = u32::try_from(PACKET_BYTES_MAX).ok();
    Framed::new(stream, Codec { max_incoming_size: max, max_outgoing_size: max })
}
