//! The link over an in-memory stream and a clock that only moves when nothing else can.
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking")]

use std::{io, sync::Arc, time::Duration};

use bytes::{Buf, Bytes, BytesMut};
use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::{mpsc, oneshot},
    time::Instant,
};
use waypost_channels::smpp::{
    Address, Connection, ConnectionConfig, ConnectionHandle, DeliverAnswer, DeliverSm, Dial, Duplex, Inbound,
    LinkState, NotSent, Pool, PoolSettings, ReserveError, Seams, Submit, SubmitError, Unknown,
    wire::{BindResp, MessageRef, command, next_frame, put_frame, put_message, put_message_id_resp, status},
};

/// Gives the test the far end of every connection that is made, or refuses when the test is gone.
struct Exchange {
    ends: mpsc::UnboundedSender<DuplexStream>,
    buffer_bytes: usize,
}

impl Dial for Exchange {
    fn dial<'a>(&'a self, _: &'a ConnectionConfig) -> BoxFuture<'a, io::Result<Box<dyn Duplex>>> {
        let (near, far) = duplex(self.buffer_bytes);
        let sent = self.ends.send(far).map_err(|_| io::ErrorKind::ConnectionRefused.into());
        Box::pin(async move { sent.map(|()| Box::new(near) as Box<dyn Duplex>) })
    }
}

type Question = (DeliverSm, oneshot::Sender<DeliverAnswer>);

/// Asks the test about every delivery.
struct Ask(mpsc::UnboundedSender<Question>);

impl Inbound for Ask {
    fn deliver(&self, message: DeliverSm) -> BoxFuture<'static, DeliverAnswer> {
        let (answer, answered) = oneshot::channel();
        self.0.send((message, answer)).unwrap();
        Box::pin(async move { answered.await.unwrap() })
    }
}

struct Stage {
    connection: ConnectionHandle,
    ends: mpsc::UnboundedReceiver<DuplexStream>,
    questions: mpsc::UnboundedReceiver<Question>,
}

fn stage_with(buffer_bytes: usize, change: impl FnOnce(&mut ConnectionConfig)) -> Stage {
    let mut config = ConnectionConfig::new("test", "smsc.example", 2775, "waypost", "secret");
    config.reconnect_min_ms = 1_000;
    config.reconnect_max_ms = 8_000;
    change(&mut config);
    let (ends_sender, ends) = mpsc::unbounded_channel();
    let (ask, questions) = mpsc::unbounded_channel();
    let dial = Arc::new(Exchange { ends: ends_sender, buffer_bytes });
    let seams = Seams { dial, jitter: Arc::new(|| 1.0) };
    Stage { connection: Connection::spawn(config, Arc::new(Ask(ask)), seams).unwrap(), ends, questions }
}

fn stage(change: impl FnOnce(&mut ConnectionConfig)) -> Stage {
    stage_with(64 * 1024, change)
}

/// The SMSC's end.
struct Smsc {
    stream: DuplexStream,
    inbuf: BytesMut,
}

impl Smsc {
    async fn accept(stage: &mut Stage) -> Self {
        Self { stream: stage.ends.recv().await.unwrap(), inbuf: BytesMut::new() }
    }

    async fn bound(stage: &mut Stage) -> Self {
        let mut smsc = Self::accept(stage).await;
        let (id, sequence) = smsc.hears().await.unwrap();
        assert_eq!(id, command::BIND_TRANSCEIVER);
        let answer = BindResp { system_id: "SMSC".into(), interface_version: None };
        smsc.says(id | command::RESPONSE, 0, sequence, |out| answer.put(out)).await;
        stage.connection.bound().await.unwrap();
        smsc
    }

    /// Command and sequence number of the next PDU; `None` at the end of the stream.
    async fn hears(&mut self) -> Option<(u32, u32)> {
        self.hears_status().await.map(|(command, _, sequence)| (command, sequence))
    }

    async fn hears_status(&mut self) -> Option<(u32, u32, u32)> {
        loop {
            if let Some((header, _)) = next_frame(&self.inbuf).unwrap() {
                self.inbuf.advance(header.pdu_bytes);
                return Some((header.command, header.status, header.sequence));
            }
            if self.stream.read_buf(&mut self.inbuf).await.unwrap() == 0 {
                return None;
            }
        }
    }

    async fn says(&mut self, command: u32, status: u32, sequence: u32, body: impl FnOnce(&mut BytesMut)) {
        let mut out = BytesMut::new();
        put_frame(&mut out, command, status, sequence, body);
        self.stream.write_all(&out).await.unwrap();
    }

    async fn takes_submit(&mut self, status: u32) {
        let (id, sequence) = self.hears().await.unwrap();
        assert_eq!(id, command::SUBMIT_SM);
        self.says(id | command::RESPONSE, status, sequence, |out| put_message_id_resp(out, "id")).await;
    }

    async fn delivers(&mut self, sequence: u32) {
        let message = MessageRef { text: [b"", b"hello"], ..MessageRef::default() };
        self.says(command::DELIVER_SM, 0, sequence, |out| put_message(out, &message)).await;
    }
}

fn hello() -> Submit {
    Submit {
        source: Address::new(5, 0, "WAYPOST"),
        dest: Address::new(1, 1, "447700900001"),
        payload: Bytes::from_static(b"hello"),
        ..Submit::default()
    }
}

async fn backing_off(connection: &ConnectionHandle) -> (Duration, String) {
    let mut watch = connection.watch();
    let shown = watch.wait_for(|state| matches!(state, LinkState::BackingOff { .. })).await.unwrap();
    let LinkState::BackingOff { until, why } = shown.clone() else { unreachable!() };
    (until - Instant::now().into_std(), why)
}

#[tokio::test(start_paused = true)]
async fn pauses_between_binds_double_and_are_shown_with_the_reason() {
    let mut stage = stage(|_| {});
    for seconds in [1, 2, 4, 8, 8] {
        let mut smsc = Smsc::accept(&mut stage).await;
        let (id, sequence) = smsc.hears().await.unwrap();
        smsc.says(id | command::RESPONSE, status::ESME_RINVPASWD, sequence, |_| {}).await;
        let (pause, why) = backing_off(&stage.connection).await;
        assert_eq!(why, "bind refused with ESME_RINVPASWD (0x000e)");
        assert_eq!(pause, Duration::from_secs(seconds));
        assert_eq!(stage.connection.try_reserve().unwrap_err(), ReserveError::NotReady);
    }
}

#[tokio::test(start_paused = true)]
async fn an_smsc_that_accepts_and_says_nothing_is_given_up_in_time() {
    let mut stage = stage(|config| config.bind_timeout_ms = 3_000);
    let started = Instant::now();
    let _smsc = Smsc::accept(&mut stage).await;
    let (_, why) = backing_off(&stage.connection).await;
    assert_eq!((why.as_str(), started.elapsed().as_secs()), ("bind not answered in time", 3));
}

#[tokio::test(start_paused = true)]
async fn throttling_is_shown_while_it_lasts() {
    let mut stage = stage(|config| config.throttle_ms = 200);
    let mut smsc = Smsc::bound(&mut stage).await;
    let refused = stage.connection.try_reserve().unwrap().submit(hello());
    smsc.takes_submit(status::ESME_RTHROTTLED).await;
    assert_eq!(refused.await, Err(SubmitError::Throttled(status::ESME_RTHROTTLED)));
    let started = Instant::now();
    let shown = stage.connection.watch().wait_for(|state| !state.is_ready()).await.unwrap().clone();
    let LinkState::Throttled { until, .. } = shown else { panic!("{shown:?}") };
    assert_eq!(until - started.into_std(), Duration::from_millis(200));
    assert_eq!(stage.connection.try_reserve().unwrap_err(), ReserveError::NotReady);
    let permit = stage.connection.reserve().await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(200));
    let accepted = permit.submit(hello());
    smsc.takes_submit(status::ESME_ROK).await;
    assert_eq!(accepted.await.unwrap().message_id, "id");
}

#[tokio::test(start_paused = true)]
async fn a_delivery_is_answered_only_once_it_is_durable_and_in_any_order() {
    let mut stage = stage(|_| {});
    let mut smsc = Smsc::bound(&mut stage).await;
    for sequence in [1, 2, 3] {
        smsc.delivers(sequence).await;
    }
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(stage.questions.recv().await.unwrap().1);
    }
    let [first, second, third]: [_; 3] = answers.try_into().unwrap();
    let in_turn = [
        (third, 3, DeliverAnswer::Ok),
        (first, 1, DeliverAnswer::TemporaryError),
        (second, 2, DeliverAnswer::Reject(status::ESME_RX_R_APPN)),
    ];
    for (sender, sequence, answer) in in_turn {
        sender.send(answer).unwrap();
        let expected = (command::DELIVER_SM | command::RESPONSE, answer.command_status(), sequence);
        assert_eq!(smsc.hears_status().await, Some(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_delivery_of_an_earlier_session_goes_nowhere() {
    let mut stage = stage(|_| {});
    let mut first = Smsc::bound(&mut stage).await;
    first.delivers(1).await;
    let (_, old) = stage.questions.recv().await.unwrap();
    drop(first);
    backing_off(&stage.connection).await;
    let mut second = Smsc::bound(&mut stage).await;
    second.delivers(1).await;
    let (_, new) = stage.questions.recv().await.unwrap();
    old.send(DeliverAnswer::Reject(0x66)).unwrap();
    new.send(DeliverAnswer::Ok).unwrap();
    assert_eq!(second.hears_status().await, Some((command::DELIVER_SM | command::RESPONSE, 0, 1)));
    assert_eq!(stage.connection.status().delivered_total, 1);
}

#[tokio::test(start_paused = true)]
async fn deliveries_above_the_limit_are_put_off() {
    let mut stage = stage(|config| config.deliveries_max = 1);
    let mut smsc = Smsc::bound(&mut stage).await;
    smsc.delivers(1).await;
    let (_, answer) = stage.questions.recv().await.unwrap();
    smsc.delivers(2).await;
    let put_off = (command::DELIVER_SM | command::RESPONSE, status::ESME_RX_T_APPN, 2);
    assert_eq!(smsc.hears_status().await, Some(put_off));
    answer.send(DeliverAnswer::Ok).unwrap();
    assert_eq!(smsc.hears_status().await, Some((command::DELIVER_SM | command::RESPONSE, 0, 1)));
}

#[tokio::test(start_paused = true)]
async fn what_never_left_the_buffer_is_known_as_not_sent() {
    // The stream holds one submit and a bit: the second one cannot leave.
    let mut stage = stage_with(100, |_| {});
    let smsc = Smsc::bound(&mut stage).await;
    let left = stage.connection.try_reserve().unwrap().submit(hello());
    let stayed = stage.connection.try_reserve().unwrap().submit(hello());
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(stage.connection.status().in_flight, 2);
    drop(smsc);
    assert_eq!(left.await, Err(SubmitError::Unknown(Unknown::Dropped)));
    assert_eq!(stayed.await, Err(SubmitError::NotSent(NotSent::Dropped)));
}

#[tokio::test(start_paused = true)]
async fn many_submits_leave_in_one_write() {
    let mut stage = stage(|_| {});
    let mut smsc = Smsc::bound(&mut stage).await;
    let answers: Vec<_> = (0..50).map(|_| stage.connection.try_reserve().unwrap().submit(hello())).collect();
    smsc.inbuf.reserve(64 * 1024);
    smsc.stream.read_buf(&mut smsc.inbuf).await.unwrap();
    let mut frames = 0;
    let mut rest = &smsc.inbuf[..];
    while let Some((header, _)) = next_frame(rest).unwrap() {
        frames += 1;
        rest = &rest[header.pdu_bytes..];
    }
    assert_eq!(frames, 50);
    drop(smsc);
    for answer in answers {
        assert_eq!(answer.await, Err(SubmitError::Unknown(Unknown::Dropped)));
    }
}

#[tokio::test(start_paused = true)]
async fn closing_gives_up_on_what_is_in_flight_when_patience_ends() {
    let mut stage = stage(|_| {});
    let mut smsc = Smsc::bound(&mut stage).await;
    let answer = stage.connection.try_reserve().unwrap().submit(hello());
    assert_eq!(smsc.hears().await.unwrap().0, command::SUBMIT_SM);
    let started = Instant::now();
    let unbound = async {
        let (id, sequence) = smsc.hears().await.unwrap();
        assert_eq!((id, started.elapsed()), (command::UNBIND, Duration::from_secs(5)));
        smsc.says(id | command::RESPONSE, 0, sequence, |_| {}).await;
        assert_eq!(smsc.hears().await, None);
    };
    tokio::join!(stage.connection.close(Duration::from_secs(5)), unbound);
    assert_eq!(answer.await, Err(SubmitError::Unknown(Unknown::Dropped)));
    assert_eq!(stage.connection.state(), LinkState::Closed);
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_an_smsc_that_is_not_there() {
    let mut stage = stage(|_| {});
    let smsc = Smsc::accept(&mut stage).await;
    stage.connection.close(Duration::from_secs(60)).await;
    assert_eq!(stage.connection.state(), LinkState::Closed);
    drop(smsc);
    let submitted = stage.connection.submit(hello()).await;
    assert_eq!(submitted, Err(SubmitError::NotSent(NotSent::Closed)));
}

#[tokio::test(start_paused = true)]
async fn a_pool_fails_over_when_the_first_connection_never_sent() {
    let (mut first, mut second) = (stage_with(100, |_| {}), stage(|_| {}));
    let smsc = Smsc::bound(&mut first).await;
    let mut good = Smsc::bound(&mut second).await;
    // Fills the first connection's stream, so that what follows stays in its buffer.
    let filler = first.connection.try_reserve().unwrap().submit(hello());
    let pool = Pool::new(vec![first.connection.clone(), second.connection.clone()], PoolSettings::default());
    let loss = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(smsc);
        good.takes_submit(status::ESME_ROK).await;
    };
    let (submission, ()) = tokio::join!(pool.submit_on(hello()), loss);
    assert_eq!((submission.connection, submission.result.map(|s| s.message_id)), (1, Ok("id".to_owned())));
    assert_eq!(filler.await, Err(SubmitError::Unknown(Unknown::Dropped)));
}

#[tokio::test(start_paused = true)]
async fn submits_refused_while_unbound_are_known_as_not_sent() {
    let stage = stage(|_| {});
    for _ in 0..3 {
        assert_eq!(stage.connection.submit(hello()).await, Err(SubmitError::NotSent(NotSent::NotBound)));
    }
    assert_eq!(stage.connection.status().submitted_total, 0);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_place_is_told_when_the_connection_is_lost() {
    let mut stage = stage(|config| config.window = 1);
    let smsc = Smsc::bound(&mut stage).await;
    let _place = stage.connection.try_reserve().unwrap();
    let pool = Pool::new(vec![stage.connection.clone()], PoolSettings::default());
    let loss = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(smsc);
    };
    let (single, pooled, ()) = tokio::join!(stage.connection.submit(hello()), pool.submit_on(hello()), loss);
    assert_eq!(single, Err(SubmitError::NotSent(NotSent::NotBound)));
    assert_eq!(pooled.result, Err(SubmitError::NotSent(NotSent::NotBound)));
}
