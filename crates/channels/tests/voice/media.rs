//! What the called party hears, and what is heard of its keys.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use waypost_channels::voice::flow::{Flow, Plan, Sound};
use waypost_channels::voice::rtp::g711;
use waypost_channels::voice::rtp::packet::{Stream, read};
use waypost_channels::voice::sdp::Codec;

use crate::support::{Far, Heard, Line, prompt, trunk};

async fn ears() -> (UdpSocket, u16) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[tokio::test]
async fn the_whole_prompt_is_heard_in_the_law_that_was_agreed() {
    let (ears, port) = ears().await;
    let far = Far::start("answer", port, false);
    let trunk = trunk(far.port, "");
    let mut line = Line::call(&trunk, prompt(400)).await;
    assert_eq!(line.codes().await, [7408, 7519, 7409, 7405]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
    let (mut buffer, mut frames) = ([0; 2048], 0);
    while let Ok((length, _)) = ears.try_recv_from(&mut buffer) {
        let packet = read(&buffer[..length]).unwrap();
        assert_eq!(packet.payload_type, 8);
        assert_eq!(packet.payload, g711::recoded(&[0x12; 160], Codec::Pcma));
        frames += 1;
    }
    assert_eq!(frames, 20);
}

#[tokio::test]
async fn keys_of_the_called_party_choose_the_branch() {
    let (ears, port) = ears().await;
    let far = Far::start("answer", port, false);
    let trunk = trunk(far.port, "");
    let flow = r#"{"start":"ask","steps":{
        "ask":{"do":"collect","sound":{"prompt":"menu"},"digits":1,"branches":{"2":"number"}},
        "number":{"do":"collect","digits":8,"otherwise":"end"},
        "end":{"do":"hang_up"}}}"#;
    let sound: Arc<[u8]> = vec![0x12; 80_000].into();
    let sounds = [(Sound::Prompt("menu".into()), sound)].into();
    let plan = Arc::new(Plan { flow: Arc::new(Flow::read(flow).unwrap()), sounds });
    let mut line = Line::call(&trunk, plan).await;
    assert_eq!((line.next().await, line.next().await), (Some(Heard::Code(7408)), Some(Heard::Code(7519))));
    let (_, from) = ears.recv_from(&mut [0; 2048]).await.unwrap();
    let mut keys = Stream::new(7);
    for event in [2, 4, 2, 11] {
        // Three packets a press, as the standard advises; they carry one moment, which only the first advances.
        let press = keys.packet(101, &[event, 0x0a, 0, 160]);
        for _ in 0..3 {
            ears.send_to(&press, from).await.unwrap();
        }
    }
    assert_eq!(line.next().await, Some(Heard::Digits("ask".into(), "2".into())));
    assert_eq!(line.next().await, Some(Heard::Digits("number".into(), "42".into())));
    assert_eq!(line.codes().await, [7409, 7405]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
}
