//! Binding, probing, unbinding, coming back.

use std::{sync::Arc, time::Duration};

use waypost_channels::smpp::{BindMode, LinkState, NotSent, ReserveError, SubmitError};
use waypost_simulators::smsc::{Smsc, SmscConfig};

use crate::support::{bench, bench_with, config, connect, hello, soon, state};

#[tokio::test]
async fn a_good_bind_is_shown_as_bound() {
    let bench = bench(SmscConfig::default()).await;
    let status = bench.connection.status();
    assert!(status.state.is_ready(), "{status:?}");
    assert_eq!((status.in_flight, status.submitted_total, status.last_error), (0, 0, None));
    assert_eq!(bench.smsc.counters().binds, 1);
}

#[tokio::test]
async fn a_refused_bind_backs_off_and_names_the_status() {
    let smsc = Smsc::start(SmscConfig::default()).await.unwrap();
    let mut connections = Vec::new();
    let cases = [("waypost", "wrong", "ESME_RINVPASWD"), ("nobody", "secret", "ESME_RINVSYSID")];
    for (system_id, password, name) in cases {
        let mut config = config(&smsc);
        config.system_id = system_id.to_owned();
        config.password = password.to_owned();
        let (connection, _deliveries) = connect(config, Vec::new());
        let shown = state(&connection, |state| matches!(state, LinkState::BackingOff { .. })).await;
        let LinkState::BackingOff { why, .. } = shown else { unreachable!() };
        assert!(why.contains(name), "{why}");
        assert_eq!(connection.try_reserve().unwrap_err(), ReserveError::NotReady);
        assert_eq!(connection.submit(hello()).await, Err(SubmitError::NotSent(NotSent::NotBound)));
        connections.push(connection);
    }
    let counters = soon(smsc.wait(|counters| counters.binds_refused >= 4)).await;
    assert_eq!(counters.binds, 0, "and it keeps trying");
}

#[tokio::test]
async fn a_lost_connection_is_made_again() {
    let bench = bench(SmscConfig::default()).await;
    bench.smsc.disconnect_all();
    soon(bench.smsc.wait(|counters| counters.binds == 2)).await;
    soon(bench.connection.bound()).await.unwrap();
    assert!(soon(bench.connection.submit(hello())).await.is_ok());
    let why = bench.connection.status().last_error;
    assert!(why.is_some_and(|why| why.contains("closed the connection") || why.contains("broke")));
}

#[tokio::test]
async fn an_unbind_by_the_smsc_is_answered_and_followed_by_a_new_bind() {
    let bench = bench(SmscConfig::default()).await;
    bench.smsc.unbind_all();
    soon(bench.smsc.wait(|counters| counters.binds == 2)).await;
    assert_eq!(bench.connection.status().last_error.as_deref(), Some("the SMSC unbound"));
}

#[tokio::test]
async fn closing_waits_for_what_is_in_flight_and_unbinds() {
    use waypost_simulators::smsc::{Incoming, Plan, SubmitPlan};
    let slow = |_: &Incoming<'_>| Plan::silent().answered(SubmitPlan::Delay(100));
    let bench = bench(SmscConfig::default().behaving(slow)).await;
    let answer = bench.connection.try_reserve().unwrap().submit(hello());
    soon(bench.smsc.wait(|counters| counters.accepted == 1)).await;
    soon(bench.connection.close(Duration::from_secs(10))).await;
    assert!(soon(answer).await.is_ok());
    assert_eq!(bench.connection.state(), LinkState::Closed);
    assert_eq!(bench.smsc.counters().unbinds, 1);
    assert_eq!(bench.connection.try_reserve().unwrap_err(), ReserveError::Closed);
    assert_eq!(bench.connection.submit(hello()).await, Err(SubmitError::NotSent(NotSent::Closed)));
    assert!(bench.connection.reserve().await.is_err());
}

#[tokio::test]
async fn dropping_the_handle_unbinds() {
    let bench = bench(SmscConfig::default()).await;
    drop(bench.connection);
    soon(bench.smsc.wait(|counters| counters.unbinds == 1)).await;
}

#[tokio::test]
async fn an_idle_link_is_probed_from_both_ends() {
    let smsc = SmscConfig { probe_ms: 50, ..SmscConfig::default() };
    let bench = bench_with(smsc, |config| config.enquire_link_s = 1).await;
    soon(bench.smsc.wait(|counters| counters.probes_answered >= 2)).await;
    bench.smsc.disconnect_all();
    // Without probes from the SMSC, the client's own.
    let quiet = crate::support::bench_with(SmscConfig::default(), |config| config.enquire_link_s = 1).await;
    soon(quiet.smsc.wait(|counters| counters.enquire_links >= 1)).await;
    assert_eq!(quiet.smsc.counters().binds, 1, "the link holds");
}

#[tokio::test]
async fn an_smsc_that_hangs_is_given_up() {
    let bench = bench_with(SmscConfig::default(), |config| {
        config.enquire_link_s = 1;
        config.response_timeout_ms = 100;
        config.reconnect_min_ms = 600_000;
        config.reconnect_max_ms = 600_000;
    })
    .await;
    bench.smsc.pause();
    let shown = state(&bench.connection, |state| matches!(state, LinkState::BackingOff { .. })).await;
    let LinkState::BackingOff { why, .. } = shown else { unreachable!() };
    assert_eq!(why, "enquire_link not answered in time");
}

#[tokio::test]
async fn an_smsc_that_hangs_for_a_moment_is_waited_for() {
    let bench = bench(SmscConfig::default()).await;
    bench.smsc.pause();
    let answer = bench.connection.try_reserve().unwrap().submit(hello());
    bench.smsc.resume();
    assert!(soon(answer).await.is_ok());
    assert_eq!(bench.smsc.counters().binds, 1);
}

#[tokio::test]
async fn a_pair_sends_by_one_link_and_receives_by_the_other() {
    let mut bench = bench_with(SmscConfig::default(), |config| config.bind_mode = BindMode::Pair).await;
    assert_eq!(bench.smsc.counters().binds, 2);
    let submitted = soon(bench.connection.submit(hello())).await.unwrap();
    let receipt = soon(bench.deliveries.recv()).await.unwrap();
    assert_eq!(receipt.receipted_message_id, Some(submitted.message_id));
    soon(bench.smsc.wait(|counters| counters.receipts_acked == 1)).await;
}

#[tokio::test]
async fn a_receiver_does_not_send() {
    let bench = bench_with(SmscConfig::default(), |config| config.bind_mode = BindMode::Receiver).await;
    assert_eq!(bench.connection.try_reserve().unwrap_err(), ReserveError::Closed);
    let refused = bench.connection.submit(hello()).await;
    assert_eq!(refused, Err(SubmitError::NotSent(NotSent::Closed)));
}

#[tokio::test]
async fn many_tasks_share_one_connection() {
    let bench = bench_with(SmscConfig::default(), |config| config.window = 10).await;
    let connection = Arc::new(bench.connection);
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let connection = Arc::clone(&connection);
            tokio::spawn(async move { connection.submit(hello()).await })
        })
        .collect();
    let mut ids = std::collections::HashSet::new();
    for task in tasks {
        ids.insert(soon(task).await.unwrap().unwrap().message_id);
    }
    assert_eq!(ids.len(), 200, "every answer reached the one who asked");
}
