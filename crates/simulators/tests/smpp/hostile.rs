//! Bytes that are no SMPP, from either side.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use waypost_channels::smpp::{
    ConnectionConfig, LinkState,
    wire::{Bind, command, next_frame, put_frame, put_header_only, status},
};
use waypost_simulators::smsc::{Smsc, SmscConfig};

use crate::support::{connect, soon, state};

async fn raw(smsc: &waypost_simulators::smsc::SmscHandle, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(smsc.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset after our garbage is as good an end as any.
    drop(soon(stream.read_to_end(&mut answer)).await);
    answer
}

#[tokio::test]
async fn garbage_ends_the_connection_and_nothing_else() {
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    for fill in [0x00, 0xFF, 0x5A] {
        raw(&smsc, &vec![fill; 64 * 1024]).await;
    }
    let counters = soon(smsc.wait(|counters| counters.protocol_errors == 3)).await;
    assert_eq!(counters.binds, 0);
}

#[tokio::test]
async fn unknown_commands_are_nacked_and_early_submits_refused() {
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    let mut request = bytes::BytesMut::new();
    put_header_only(&mut request, 0x0000_0077, 0, 1);
    put_header_only(&mut request, command::SUBMIT_SM, 0, 2);
    put_header_only(&mut request, 0x8000_0077, 0, 3);
    put_header_only(&mut request, command::UNBIND, 0, 4);
    let answers = raw(&smsc, &request).await;
    let mut rest = answers.as_slice();
    let mut seen = Vec::new();
    while let Some((header, _)) = next_frame(rest).unwrap() {
        seen.push((header.command, header.status, header.sequence));
        rest = &rest[header.pdu_bytes..];
    }
    let expected = [
        (command::GENERIC_NACK, status::ESME_RINVCMDID, 1),
        (command::SUBMIT_SM | command::RESPONSE, status::ESME_RINVBNDSTS, 2),
        (command::UNBIND | command::RESPONSE, status::ESME_ROK, 4),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_second_bind_is_refused_and_the_first_one_holds() {
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    let bind = Bind { system_id: "waypost".into(), password: "secret".into(), ..Bind::default() };
    let mut request = bytes::BytesMut::new();
    for sequence in [1, 2] {
        put_frame(&mut request, command::BIND_TRANSCEIVER, 0, sequence, |out| bind.put(out));
    }
    put_header_only(&mut request, command::UNBIND, 0, 3);
    raw(&smsc, &request).await;
    let counters = smsc.counters();
    assert_eq!((counters.binds, counters.binds_refused, counters.unbinds), (1, 1, 1));
}

#[tokio::test]
async fn a_connector_that_is_fed_garbage_backs_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut config = ConnectionConfig::new("garbage", "127.0.0.1", port, "waypost", "secret");
    config.reconnect_min_ms = 60_000;
    config.reconnect_max_ms = 60_000;
    let (connection, _deliveries) = connect(config, Vec::new());
    let (mut stream, _) = soon(listener.accept()).await.unwrap();
    stream.write_all(&vec![0xFF; 64 * 1024]).await.unwrap();
    let shown = state(&connection, |state| matches!(state, LinkState::BackingOff { .. })).await;
    let LinkState::BackingOff { why, .. } = shown else { unreachable!() };
    assert_eq!(why, "not SMPP: PDU of 4294967295 bytes is longer than 65536");
    soon(connection.close(Duration::ZERO)).await;
}
