//! What the relay's answers are taken for.

use waypost_channels::email::{Broken, Carried, Carrier, Letter, SmtpRelay};
use waypost_simulators::smtp::Forced;

use crate::support::{letter, relay, settings, to};

/// What is left of an outcome when its words are left out.
fn word(carried: &Carried) -> (&'static str, Option<u16>) {
    match carried {
        Carried::Taken(_) => ("taken", None),
        Carried::Refused(why) => ("refused", why.code),
        Carried::Later { why, whole: true } => ("later, all", why.code),
        Carried::Later { why, whole: false } => ("later", why.code),
        Carried::Unknown(why) => ("unknown", why.code),
    }
}

#[tokio::test]
async fn each_answer_means_what_its_place_says() {
    let relay = relay(Default::default()).await;
    let carrier = to(&relay);
    for (forced, expected) in [
        (Forced::Greeting(554), ("later, all", Some(554))),
        (Forced::Sender(550), ("later, all", Some(550))),
        (Forced::Recipient(550), ("refused", Some(550))),
        (Forced::Recipient(451), ("later", Some(451))),
        (Forced::Recipient(421), ("later, all", Some(421))),
        (Forced::Content(554), ("refused", Some(554))),
        (Forced::Content(452), ("later", Some(452))),
        (Forced::Cut, ("unknown", None)),
    ] {
        relay.force([forced]);
        assert_eq!(word(&carrier.carry(&letter()).await), expected, "{forced:?}");
    }
    // After each the next letter goes through.
    assert_eq!(word(&carrier.carry(&letter()).await).0, "taken");
}

#[tokio::test]
async fn the_words_of_a_refusal_are_kept() {
    let relay = relay(Default::default()).await;
    let own = Letter { to: "ann+550@example.net".parse().unwrap(), ..letter() };
    let words = "permanent error (550): <ann+550@example.net> asks for this".to_owned();
    assert_eq!(to(&relay).carry(&own).await, Carried::Refused(Broken { code: Some(550), words }));
}

#[tokio::test]
async fn a_relay_that_never_answers_is_left_at_the_deadline() {
    let relay = relay(Default::default()).await;
    let carrier =
        SmtpRelay::new(waypost_channels::email::RelaySettings { timeout_ms: 300, ..settings(&relay) })
            .unwrap();
    relay.force([Forced::Silence]);
    let carried = carrier.carry(&letter()).await;
    assert_eq!(word(&carried), ("unknown", None));
    assert_eq!(relay.letters().len(), 1);
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_tried_later() {
    let gone = relay(Default::default()).await;
    let carrier = to(&gone);
    let port = gone.address().port();
    drop(gone);
    // The listener's task ends with the next turn of the runtime; until then a connection may still be made, and is cut.
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(word(&carrier.carry(&letter()).await), ("later, all", None));
}
