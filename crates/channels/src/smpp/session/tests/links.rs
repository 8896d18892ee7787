//! Bind, probe, unbind, nack, garbage.

use super::*;

const BIND_RESP: u32 = command::BIND_TRANSCEIVER | command::RESPONSE;
const MILLI: Duration = Duration::from_millis(1);

#[test]
fn a_bind_is_accepted_refused_nacked_or_times_out() {
    let ended = |ending| vec![Event::Ended(ending)];
    let cases = [
        (BIND_RESP, status::ESME_ROK, &b"SMSC\0"[..], vec![Event::Bound { smsc_id: "SMSC".into() }]),
        (BIND_RESP, status::ESME_ROK, b"no end", vec![Event::Bound { smsc_id: String::new() }]),
        (BIND_RESP, status::ESME_RINVPASWD, b"", ended(Ending::BindRefused(status::ESME_RINVPASWD))),
        (
            command::GENERIC_NACK,
            status::ESME_RINVCMDID,
            b"",
            ended(Ending::BindRefused(status::ESME_RINVCMDID)),
        ),
    ];
    for (command, status, body, expected) in cases {
        let mut play = Play::starting(1, Sequence::default());
        assert_eq!(play.says(command, status, 1, body), expected);
    }
    let mut play = Play::starting(1, Sequence::default());
    assert_eq!(play.says(BIND_RESP, 0, 7, b"SMSC\0"), [], "an answer to something else");
    assert_eq!(play.waits(BIND - MILLI), []);
    assert_eq!(play.waits(MILLI), [Event::Ended(Ending::BindTimeout)]);
    assert_eq!(play.session.deadline(), None);
}

#[test]
fn silence_is_probed_and_a_dead_link_ends() {
    let mut play = Play::bound(1);
    assert_eq!(play.session.deadline(), Some(play.now + ENQUIRE));
    assert_eq!((play.waits(ENQUIRE - MILLI), play.sent()), (vec![], vec![]));
    assert_eq!((play.waits(MILLI), play.sent()), (vec![], vec![(command::ENQUIRE_LINK, 0, 2)]));
    assert_eq!((play.waits(MILLI), play.sent()), (vec![], vec![]), "one probe at a time");
    assert_eq!(play.says(command::ENQUIRE_LINK | command::RESPONSE, 0, 2, b""), []);
    assert_eq!((play.waits(ENQUIRE), play.sent()), (vec![], vec![(command::ENQUIRE_LINK, 0, 3)]));
    assert_eq!(play.says(command::ENQUIRE_LINK | command::RESPONSE, 0, 2, b""), [], "an old answer");
    assert_eq!(play.waits(RESPONSE), [Event::Ended(Ending::LinkDead)]);
}

#[test]
fn an_smsc_that_does_not_know_probes_is_alive() {
    let mut play = Play::bound(1);
    play.waits(ENQUIRE);
    assert_eq!(play.says(command::GENERIC_NACK, status::ESME_RINVCMDID, 2, b""), []);
    assert_eq!(play.waits(RESPONSE), []);
}

#[test]
fn any_pdu_puts_the_probe_off() {
    let mut play = Play::bound(1);
    play.waits(ENQUIRE - MILLI);
    play.says(command::ALERT_NOTIFICATION, 0, 9, b"");
    assert_eq!((play.waits(ENQUIRE - MILLI), play.sent()), (vec![], vec![]));
}

#[test]
fn requests_of_the_smsc_are_answered_in_kind_or_nacked() {
    let response = |command| command | command::RESPONSE;
    let cases = [
        (command::ENQUIRE_LINK, vec![(response(command::ENQUIRE_LINK), status::ESME_ROK, 9)]),
        (0x0000_0077, vec![(command::GENERIC_NACK, status::ESME_RINVCMDID, 9)]),
        (0x8000_0077, vec![]),
        (command::OUTBIND, vec![]),
        (command::ALERT_NOTIFICATION, vec![]),
        (command::GENERIC_NACK, vec![]),
    ];
    for (command, answers) in cases {
        let mut play = Play::bound(1);
        assert_eq!((play.says(command, 0, 9, b""), play.sent()), (vec![], answers), "{command:#x}");
    }
}

#[test]
fn an_unbind_by_the_smsc_is_answered_and_ends_the_session() {
    let mut play = Play::bound(1);
    assert_eq!(play.says(command::UNBIND, 0, 9, b""), [Event::Ended(Ending::PeerUnbound)]);
    assert_eq!(play.sent(), [(command::UNBIND | command::RESPONSE, 0, 9)]);
    assert_eq!(play.submits(1), Err((1, NotSent::NotBound)));
}

#[test]
fn our_unbind_ends_with_its_answer_or_without() {
    for answered in [true, false] {
        let mut play = Play::bound(1);
        play.session.unbind(play.now);
        assert_eq!(play.sent(), [(command::UNBIND, 0, 2)]);
        assert_eq!(play.submits(1), Err((1, NotSent::NotBound)));
        let ended = match answered {
            true => play.says(command::UNBIND | command::RESPONSE, 0, 2, b""),
            false => play.waits(RESPONSE),
        };
        assert_eq!(ended, [Event::Ended(Ending::Unbound)]);
    }
}

#[test]
fn lengths_out_of_bounds_end_the_session_at_once() {
    let cases = [(15_u32, FrameError::TooShort(15)), (65_537, FrameError::TooLong(65_537))];
    for (length, error) in cases {
        let mut play = Play::bound(1);
        assert_eq!(play.hears(&length.to_be_bytes()), [Event::Ended(Ending::Protocol(error))]);
        assert_eq!(play.sent(), [(command::GENERIC_NACK, status::ESME_RINVCMDLEN, 0)]);
        assert_eq!(play.hears(&[0; 64]), [], "nothing is read after that");
    }
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    let mut stream = BytesMut::new();
    for sequence in 1..=3 {
        put_header_only(&mut stream, command::ENQUIRE_LINK, 0, sequence);
    }
    for cut in 0..stream.len() {
        let mut play = Play::bound(1);
        let mut events = Vec::new();
        let consumed = play.session.on_bytes(&stream[..cut], play.now, &mut events);
        assert_eq!(consumed, cut / 16 * 16);
        play.session.on_bytes(&stream[consumed..], play.now, &mut events);
        let answer = |sequence| (command::ENQUIRE_LINK | command::RESPONSE, 0, sequence);
        assert_eq!((events, play.sent()), (vec![], vec![answer(1), answer(2), answer(3)]));
    }
}
