//! Connecting the called party with a third one, as SIPp plays both.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use waypost_channels::voice::flow::{Flow, Plan, Sound};
use waypost_channels::voice::rtp::g711;
use waypost_channels::voice::rtp::packet::{Stream, read};
use waypost_channels::voice::sdp::Codec;

use crate::support::{Far, Heard, Line, free_port, trunk};

/// A flow that connects with `number`, and plays something when the other has hung up or was not reached.
fn flow(number: &str, next: &str) -> Arc<Plan> {
    let text = format!(
        r#"{{"start":"agent","steps":{{
            "agent":{{"do":"connect","number":"{number}","ring_s":1,{next}}},
            "rest":{{"do":"play","sound":{{"prompt":"rest"}}}}}}}}"#
    );
    let sound: Arc<[u8]> = vec![0x12; 800].into();
    let sounds = [(Sound::Prompt("rest".into()), sound)].into();
    Arc::new(Plan { flow: Arc::new(Flow::read(&text).unwrap()), sounds })
}

async fn ears() -> (UdpSocket, u16) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[tokio::test]
async fn a_third_party_that_hangs_up_gives_the_call_back_to_its_flow() {
    let far = Far::of_two("transfer", free_port(), free_port());
    let trunk = trunk(far.port, "");
    let mut line = Line::call(&trunk, flow("447700900091", r#""next":"rest""#)).await;
    assert_eq!(line.codes().await, [7408, 7519, 7411, 7412, 7409, 7405]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
    assert_eq!(trunk.standing().calls, 0);
}

#[tokio::test]
async fn a_third_party_that_is_busy_is_not_connected_and_the_flow_goes_otherwise() {
    let far = Far::of_two("transfer", free_port(), free_port());
    let trunk = trunk(far.port, "");
    let mut line = Line::call(&trunk, flow("+447700900092", r#""otherwise":"rest""#)).await;
    let heard: Vec<Heard> =
        [line.next().await, line.next().await, line.next().await].into_iter().flatten().collect();
    let why = "486 Busy Here".to_owned();
    assert_eq!(heard, [Heard::Code(7408), Heard::Code(7519), Heard::Unreached(why)]);
    assert_eq!(line.codes().await, [7409, 7405]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_called_party_that_hangs_up_takes_the_third_one_along() {
    let far = Far::of_two("transfer_hang_up", free_port(), free_port());
    let trunk = trunk(far.port, "");
    let mut line = Line::call(&trunk, flow("447700900091", r#""next":"rest""#)).await;
    assert_eq!(line.codes().await, [7408, 7519, 7411, 7412, 7405, 7410, 7409]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn without_room_for_a_second_call_the_flow_goes_otherwise() {
    let far = Far::start("answer", free_port(), false);
    let trunk = trunk(far.port, "calls_max = 1");
    let mut line = Line::call(&trunk, flow("447700900091", r#""otherwise":"rest""#)).await;
    assert_eq!((line.next().await, line.next().await), (Some(Heard::Code(7408)), Some(Heard::Code(7519))));
    let why = "the trunk has no room for another call".to_owned();
    assert_eq!(line.next().await, Some(Heard::Unreached(why)));
    assert_eq!(line.codes().await, [7409, 7405]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn both_hear_each_other_and_each_others_keys() {
    let ((first, port), (third, third_port)) = (ears().await, ears().await);
    let far = Far::of_two("transfer", port, third_port);
    let trunk = trunk(far.port, "");
    let mut line = Line::call(&trunk, flow("447700900091", r#""next":"rest""#)).await;
    for code in [7408, 7519, 7411] {
        assert_eq!(line.next().await, Some(Heard::Code(code)));
    }
    let mut buffer = [0; 2_048];
    // The ringing tone came from where the first is to be spoken to.
    let (_, to_first) = first.recv_from(&mut buffer).await.unwrap();
    let (mut from_first, mut from_third) = (Stream::new(1), Stream::new(2));
    let said = g711::recoded(&[0x30; 160], Codec::Pcma);
    let packet = from_first.packet(8, &said);
    first.send_to(&packet, to_first).await.unwrap();
    let (length, to_third) = third.recv_from(&mut buffer).await.unwrap();
    assert_eq!(read(&buffer[..length]).unwrap().payload, said);
    let press = from_third.event(101, &[7, 0x0a, 0, 160], true, 160);
    third.send_to(&press, to_third).await.unwrap();
    loop {
        let (length, _) = first.recv_from(&mut buffer).await.unwrap();
        let heard = read(&buffer[..length]).unwrap();
        if heard.payload_type == 101 {
            assert_eq!((heard.payload, buffer[1]), ([7, 0x0a, 0, 160].as_slice(), 0x80 | 101));
            break;
        }
    }
    assert_eq!(line.codes().await, [7412, 7409, 7405]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
}
