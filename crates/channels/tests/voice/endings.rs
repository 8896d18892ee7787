//! Every way a call can end, as SIPp plays it, gives the sequence of codes the contract has.

use std::time::Duration;

use waypost_channels::voice::sip::message::Message;
use waypost_channels::voice::sip::parse::parse;
use waypost_channels::voice::trunk::Placing;

use crate::support::{Far, Line, free_port, lossy, prompt, trunk};

/// The codes of one call against a scenario, which must have gone as written.
async fn codes(scenario: &str, more: &str) -> Vec<u16> {
    let far = Far::start(scenario, free_port(), false);
    let trunk = trunk(far.port, more);
    let mut line = Line::call(&trunk, prompt(300)).await;
    assert!(matches!(line.placing, Placing::Placed { .. }), "{:?}", line.placing);
    let codes = line.codes().await;
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
    codes
}

#[tokio::test]
async fn a_message_heard_to_its_end_is_answered_dropped_and_released() {
    assert_eq!(codes("answer", "").await, [7408, 7519, 7409, 7405]);
}

#[tokio::test]
async fn a_called_party_that_hangs_up_is_released_disconnected_and_dropped() {
    assert_eq!(codes("hang_up", "").await, [7408, 7519, 7405, 7410, 7409]);
}

#[tokio::test]
async fn a_busy_phone_is_dropped_and_rejected_as_busy() {
    assert_eq!(codes("busy", "").await, [7408, 7409, 7402]);
}

#[tokio::test]
async fn a_phone_nobody_answers_is_cancelled_dropped_and_rejected_as_no_answer() {
    assert_eq!(codes("no_answer", "").await, [7408, 7409, 7401]);
}

#[tokio::test]
async fn a_declined_call_is_rejected() {
    assert_eq!(codes("reject", "").await, [7408, 7409, 7403]);
}

#[tokio::test]
async fn a_call_cut_while_ringing_is_disconnected_dropped_and_rejected() {
    assert_eq!(codes("cut", "").await, [7408, 7410, 7409, 7402]);
}

#[tokio::test]
async fn an_answer_after_the_cancel_is_hung_up_and_stays_no_answer() {
    assert_eq!(codes("late_answer", "").await, [7408, 7409, 7401]);
}

#[tokio::test]
async fn a_reinvite_is_answered_and_the_message_goes_on() {
    assert_eq!(codes("reinvite", "").await, [7408, 7519, 7409, 7405]);
}

#[tokio::test]
async fn a_reinvite_whose_answer_is_never_acknowledged_ends_the_call() {
    let far = Far::start("reinvite_unanswered", free_port(), false);
    let trunk = trunk(far.port, "");
    let mut line = Line::call(&trunk, prompt(20_000)).await;
    assert_eq!(line.codes().await, [7408, 7519, 7409, 7410]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_challenge_is_answered_with_the_account() {
    let account = "username = \"waypost\"\npassword = \"secret\"";
    assert_eq!(codes("auth", account).await, [7408, 7519, 7409, 7405]);
}

#[tokio::test]
async fn a_wrong_password_is_rejected_by_the_network() {
    let account = "username = \"waypost\"\npassword = \"wrong\"";
    assert_eq!(codes("auth", account).await, [7409, 7406]);
}

#[tokio::test]
async fn a_trunk_that_fails_places_nothing() {
    let far = Far::start("unavailable", free_port(), false);
    let trunk = trunk(far.port, "");
    let line = Line::call(&trunk, prompt(300)).await;
    let failed = Placing::Failed { code: 7404, detail: "503 Service Unavailable".to_owned() };
    assert_eq!(line.placing, failed);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
    assert_eq!(trunk.standing().calls, 0);
}

#[tokio::test]
async fn lost_datagrams_are_sent_again() {
    for loses in [(|count| count < 4) as fn(u64) -> bool, |count| count % 3 == 0, |count| count * 7 % 5 < 2] {
        let far = Far::start("answer", free_port(), false);
        let trunk = trunk(lossy(far.port, loses).await, "");
        let mut line = Line::call(&trunk, prompt(1_500)).await;
        let codes = line.codes().await;
        assert!(codes == [7408, 7519, 7409, 7405], "{codes:?} {:?}", line.placing);
        far.went_as_written().await;
        trunk.close(Duration::from_secs(5)).await;
    }
}

#[tokio::test]
async fn calls_go_over_tcp_as_well() {
    let far = Far::start("answer", free_port(), true);
    // Nobody tells when SIPp listens.
    while tokio::net::TcpStream::connect(("127.0.0.1", far.port)).await.is_err() {
        tokio::task::yield_now().await;
    }
    let trunk = trunk(far.port, "transport = \"tcp\"");
    trunk.opened().await;
    let mut line = Line::call(&trunk, prompt(300)).await;
    assert_eq!(line.codes().await, [7408, 7519, 7409, 7405]);
    far.went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_call_that_comes_in_is_refused_with_the_reason() {
    // SIPp takes the place of who is asked whether it is there, for the trunk hears nobody else.
    let far = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = far.local_addr().unwrap().port();
    let trunk = trunk(port, "options_s = 3600");
    let mut buffer = [0; 2_048];
    let (length, home) = far.recv_from(&mut buffer).await.unwrap();
    let here = Message::response(&parse(&buffer[..length]).unwrap(), 200, "OK");
    far.send_to(&here.to_bytes(), home).await.unwrap();
    drop(far);
    Far::calling("call_in", port, home).went_as_written().await;
    trunk.close(Duration::from_secs(5)).await;
}
