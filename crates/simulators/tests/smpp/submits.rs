//! What becomes of submits.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;
use waypost_channels::smpp::{
    NotSent, Pool, PoolSettings, ReserveError, Submission, Submit, SubmitError, Unknown, Validity,
    wire::status,
};
use waypost_simulators::smsc::{Incoming, Plan, Received, Smsc, SmscConfig, SubmitPlan};

use crate::support::{Bench, bench, bench_with, config, connect, hello, soon};

fn planned(submit: SubmitPlan) -> SmscConfig {
    SmscConfig::default().behaving(move |_: &Incoming<'_>| Plan::silent().answered(submit))
}

#[tokio::test]
async fn an_accepted_part_has_the_smscs_id_and_arrives_as_submitted() {
    let bench = bench(SmscConfig::default()).await;
    let submit = Submit { validity: Some(Validity::Seconds(3_600)), ..hello() };
    let submitted = soon(bench.connection.submit(submit)).await.unwrap();
    let expected = Received {
        source: hello().source,
        dest: hello().dest,
        data_coding: 0,
        payload: b"hello".to_vec(),
        message_ids: vec![submitted.message_id],
        registered_delivery: 1,
        validity: "000000010000000R".to_owned(),
        service_type: String::new(),
    };
    assert_eq!(bench.smsc.received(), [expected]);
    assert_eq!(bench.connection.status().submitted_total, 1);
}

#[tokio::test]
async fn parts_are_joined_at_the_other_end() {
    let bench = bench(SmscConfig::default()).await;
    for (sequence, text) in [(2_u8, "world"), (1, "hello ")] {
        let submit = Submit {
            udh: Bytes::copy_from_slice(&[5, 0, 3, 77, 2, sequence]),
            payload: Bytes::from_static(text.as_bytes()),
            ..hello()
        };
        soon(bench.connection.submit(submit)).await.unwrap();
    }
    let received = bench.smsc.received();
    assert_eq!(received.len(), 1);
    assert_eq!((received[0].payload.as_slice(), received[0].message_ids.len()), (&b"hello world"[..], 2));
}

#[tokio::test]
async fn a_long_text_travels_in_a_payload_parameter() {
    let bench = bench(SmscConfig::default()).await;
    let payload = Bytes::from(vec![b'x'; 4_000]);
    soon(bench.connection.submit(Submit { payload: payload.clone(), ..hello() })).await.unwrap();
    assert_eq!(bench.smsc.received()[0].payload, payload);
    let too_long = Submit { payload: vec![b'x'; 70_000].into(), ..hello() };
    assert_eq!(soon(bench.connection.submit(too_long)).await, Err(SubmitError::NotSent(NotSent::TooLong)));
}

#[tokio::test]
async fn the_connections_overrides_and_defaults_are_sent() {
    let bench = bench_with(SmscConfig::default(), |config| {
        config.source_ton = Some(1);
        config.source_npi = Some(1);
        config.dest_ton = Some(2);
        config.dest_npi = Some(8);
        config.service_type = "CMT".to_owned();
        config.registered_delivery = 17;
        config.validity_s = 60;
    })
    .await;
    let mut submit = hello();
    submit.source.digits = "447700900000".to_owned();
    soon(bench.connection.submit(submit)).await.unwrap();
    let received = &bench.smsc.received()[0];
    assert_eq!((received.source.ton, received.source.npi), (1, 1));
    assert_eq!((received.dest.ton, received.dest.npi), (2, 8));
    assert_eq!((received.service_type.as_str(), received.registered_delivery), ("CMT", 17));
    assert_eq!(received.validity, "000000000100000R");
}

#[tokio::test]
async fn a_refusal_is_reported_with_its_status() {
    let bench = bench(planned(SubmitPlan::Status(status::ESME_RINVSRCADR))).await;
    let refused = soon(bench.connection.submit(hello())).await;
    assert_eq!(refused, Err(SubmitError::Status(status::ESME_RINVSRCADR)));
    assert_eq!(bench.connection.status().failed_total, 1);
}

#[tokio::test]
async fn a_broken_field_is_refused_by_the_smsc_itself() {
    let bench = bench(SmscConfig::default()).await;
    let mut submit = hello();
    submit.dest.digits = "+447700900001".to_owned();
    let refused = soon(bench.connection.submit(submit)).await;
    assert_eq!(refused, Err(SubmitError::Status(status::ESME_RINVDSTADR)));
}

#[tokio::test]
async fn throttling_pauses_the_whole_connection_and_passes() {
    let bench = bench_with(SmscConfig::default(), |config| config.throttle_ms = 50).await;
    bench.smsc.set_throttle(1);
    let started = tokio::time::Instant::now();
    let throttled = soon(bench.connection.submit(hello())).await;
    assert_eq!(throttled, Err(SubmitError::Throttled(status::ESME_RTHROTTLED)));
    assert!(soon(bench.connection.submit(hello())).await.is_ok(), "the next waits and goes");
    assert!(started.elapsed() >= Duration::from_millis(50), "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_window_is_never_exceeded() {
    let bench = bench_with(planned(SubmitPlan::Delay(20)), |config| config.window = 7).await;
    let submits = (0..100).map(|_| bench.connection.submit(hello()));
    let results = soon(futures_util::future::join_all(submits)).await;
    assert!(results.iter().all(Result::is_ok));
    let counters = bench.smsc.counters();
    assert_eq!((counters.in_flight_peak, counters.accepted), (7, 100));
}

#[tokio::test]
async fn a_full_window_gives_no_permit() {
    let bench = bench_with(planned(SubmitPlan::NoAnswer), |config| config.window = 2).await;
    let first = bench.connection.try_reserve().unwrap();
    let _second = bench.connection.try_reserve().unwrap();
    assert_eq!(bench.connection.try_reserve().unwrap_err(), ReserveError::WindowFull);
    drop(first);
    assert!(bench.connection.try_reserve().is_ok());
}

#[tokio::test]
async fn no_answer_in_time_leaves_the_fate_unknown_and_the_link_up() {
    let plan = |incoming: &Incoming<'_>| match incoming.payload {
        b"lost" => Plan::silent().answered(SubmitPlan::NoAnswer),
        _ => Plan::silent(),
    };
    let bench =
        bench_with(SmscConfig::default().behaving(plan), |config| config.response_timeout_ms = 500).await;
    let lost = soon(bench.connection.submit(crate::support::text("447700900001", "lost"))).await;
    assert_eq!(lost, Err(SubmitError::Unknown(Unknown::TimedOut)));
    assert!(soon(bench.connection.submit(hello())).await.is_ok());
    assert_eq!(bench.smsc.counters().binds, 1);
}

#[tokio::test]
async fn a_connection_lost_after_the_submit_leaves_the_fate_unknown() {
    let bench = bench(planned(SubmitPlan::Drop)).await;
    let dropped = soon(bench.connection.submit(hello())).await;
    assert_eq!(dropped, Err(SubmitError::Unknown(Unknown::Dropped)));
    assert_eq!(bench.smsc.counters().accepted, 1, "and it was accepted indeed");
}

#[tokio::test]
async fn submits_held_back_by_the_rate_are_known_as_not_sent_when_the_connection_ends() {
    let bench = bench_with(planned(SubmitPlan::NoAnswer), |config| config.tps = 1).await;
    let written = bench.connection.try_reserve().unwrap().submit(hello());
    soon(bench.smsc.wait(|counters| counters.accepted == 1)).await;
    let held_back = bench.connection.try_reserve().unwrap().submit(hello());
    bench.smsc.disconnect_all();
    let not_sent = [NotSent::NotBound, NotSent::Dropped];
    assert_eq!(soon(written).await, Err(SubmitError::Unknown(Unknown::Dropped)));
    let result = soon(held_back).await;
    assert!(not_sent.iter().any(|why| result == Err(SubmitError::NotSent(*why))), "{result:?}");
}

#[tokio::test]
async fn a_configured_rate_is_kept() {
    let bench = bench_with(SmscConfig::default(), |config| config.tps = 20).await;
    let submits = (0..6).map(|_| bench.connection.submit(hello()));
    let started = tokio::time::Instant::now();
    let results = soon(futures_util::future::join_all(submits)).await;
    assert!(results.iter().all(Result::is_ok));
    // Two at once (a tenth of a second's worth), then one every 50 ms.
    assert!(started.elapsed() >= Duration::from_millis(190), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_pool_goes_to_the_next_connection_only_when_nothing_was_sent() {
    let good = Smsc::start(SmscConfig::default()).await.unwrap();
    let Bench { smsc: bad, connection: first, deliveries: _first } = bench(planned(SubmitPlan::Drop)).await;
    let (second, _second) = connect(config(&good), Vec::new());
    soon(second.bound()).await.unwrap();
    let pool = Pool::new(vec![first, second], PoolSettings::default());
    let unknown = Submission { connection: 0, result: Err(SubmitError::Unknown(Unknown::Dropped)) };
    assert_eq!(soon(pool.submit_on(hello())).await, unknown, "it may have been accepted: no second try");
    assert_eq!(good.counters().submits, 0);
    drop(bad);
    for _ in 0..10 {
        let submission = soon(pool.submit_on(hello())).await;
        assert_eq!((submission.connection, submission.result.is_ok()), (1, true));
    }
    soon(pool.close(Duration::ZERO)).await;
    let closed = soon(pool.submit_on(hello())).await;
    assert_eq!(closed.result, Err(SubmitError::NotSent(NotSent::NotBound)));
}

#[tokio::test]
async fn a_sink_gets_every_outcome_once() {
    use std::sync::{Arc, Mutex};
    use waypost_channels::smpp::{SubmitResult, SubmitSink};
    #[derive(Default)]
    struct Sink(Mutex<Vec<(u64, bool)>>, tokio::sync::Notify);
    impl SubmitSink for Sink {
        fn complete(&self, token: u64, result: SubmitResult) {
            self.0.lock().unwrap().push((token, result.is_ok()));
            self.1.notify_one();
        }
    }
    let bench = bench_with(SmscConfig::default(), |config| config.window = 3).await;
    let sink = Arc::new(Sink::default());
    let shared: Arc<dyn SubmitSink> = sink.clone();
    for token in 0..20 {
        let permit = soon(bench.connection.reserve()).await.unwrap();
        permit.submit_to(hello(), &shared, token);
    }
    while sink.0.lock().unwrap().len() < 20 {
        timeout(Duration::from_secs(10), sink.1.notified()).await.unwrap();
    }
    let expected: Vec<_> = (0..20).map(|token| (token, true)).collect();
    assert_eq!(*sink.0.lock().unwrap(), expected);
}
