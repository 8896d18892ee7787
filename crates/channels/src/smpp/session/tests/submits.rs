//! Submits and their fates.

use proptest::prelude::*;

use super::*;
use crate::smpp::types::Submitted;

fn accepted(token: u32, sequence: u32) -> Event<u32> {
    completed(token, Ok(Submitted { message_id: format!("id-{sequence}") }))
}

#[test]
fn answers_find_their_submits_in_any_order() {
    let mut play = Play::bound(3);
    for token in [10, 11, 12] {
        assert_eq!(play.submits(token), Ok(()));
    }
    assert_eq!(play.sent(), [2, 3, 4].map(|sequence| (command::SUBMIT_SM, 0, sequence)));
    assert_eq!(play.session.in_flight(), 3);
    assert_eq!(play.answers_submit(4, 0), [accepted(12, 4)]);
    assert_eq!(play.answers_submit(2, 0), [accepted(10, 2)]);
    assert_eq!(play.answers_submit(2, 0), [], "a second answer means nothing");
    assert_eq!(play.answers_submit(3, 0), [accepted(11, 3)]);
    assert_eq!(play.session.in_flight(), 0);
}

#[test]
fn refusals_are_told_apart() {
    let cases = [
        (status::ESME_RINVDSTADR, SubmitError::Status(status::ESME_RINVDSTADR)),
        (status::ESME_RTHROTTLED, SubmitError::Throttled(status::ESME_RTHROTTLED)),
        (status::ESME_RMSGQFUL, SubmitError::Throttled(status::ESME_RMSGQFUL)),
        (0x0000_0455, SubmitError::Status(0x0000_0455)),
    ];
    for (status, error) in cases {
        let mut play = Play::bound(1);
        play.submits(1).unwrap();
        assert_eq!(play.answers_submit(2, status), [completed(1, Err(error))]);
    }
    let mut play = Play::bound(1);
    play.submits(1).unwrap();
    let nacked = completed(1, Err(SubmitError::Nack(status::ESME_RSYSERR)));
    assert_eq!(play.says(command::GENERIC_NACK, status::ESME_RSYSERR, 2, b""), [nacked]);
}

#[test]
fn the_window_is_a_hard_limit() {
    let mut play = Play::bound(2);
    assert_eq!([play.submits(1), play.submits(2)], [Ok(()), Ok(())]);
    assert_eq!(play.submits(3), Err((3, NotSent::WindowFull)));
    play.answers_submit(2, 0);
    assert_eq!(play.submits(3), Ok(()));
}

#[test]
fn a_part_that_fits_no_pdu_is_given_back() {
    let mut play = Play::bound(1);
    let huge = vec![0; 60_001];
    let message = MessageRef { text: [b"", &huge], ..MessageRef::default() };
    assert_eq!(play.session.submit(&message, 1, play.now), Err((1, NotSent::TooLong)));
    assert_eq!((play.sent(), play.session.in_flight()), (vec![], 0));
}

#[test]
fn each_submit_times_out_by_its_own_clock() {
    let mut play = Play::bound(3);
    let timed_out = |token| completed(token, Err(SubmitError::Unknown(Unknown::TimedOut)));
    play.submits(1).unwrap();
    assert_eq!(play.waits(RESPONSE / 2), []);
    play.submits(2).unwrap();
    assert_eq!(play.session.deadline(), Some(play.now + RESPONSE / 2));
    assert_eq!(play.waits(RESPONSE / 2), [timed_out(1)]);
    assert_eq!(play.session.deadline(), Some(play.now + RESPONSE / 2));
    assert_eq!(play.answers_submit(2, 0), [], "too late");
    assert_eq!(play.waits(RESPONSE / 2), [timed_out(2)]);
    assert_eq!(play.session.in_flight(), 0);
}

#[test]
fn after_a_loss_only_what_was_wholly_written_is_unknown() {
    let mut play = Play::bound(3);
    play.submits(1).unwrap();
    let first = play.session.outbound().len();
    play.submits(2).unwrap();
    play.submits(3).unwrap();
    // The first PDU and all of the second but its last byte.
    play.session.written(first * 2 - 1);
    let expected = [
        completed(1, Err(SubmitError::Unknown(Unknown::Dropped))),
        completed(2, Err(SubmitError::NotSent(NotSent::Dropped))),
        completed(3, Err(SubmitError::NotSent(NotSent::Dropped))),
    ];
    assert_eq!(play.abandoned(), expected);
    assert_eq!(play.abandoned(), [], "told once");
}

#[test]
fn sequence_numbers_wrap_to_one() {
    let mut play = Play::starting(4, Sequence::after(SEQUENCE_MAX - 3));
    play.sent();
    play.says(command::BIND_TRANSCEIVER | command::RESPONSE, 0, SEQUENCE_MAX - 2, b"\0");
    for token in 0..4 {
        play.submits(token).unwrap();
    }
    let sequences: Vec<_> = play.sent().into_iter().map(|(_, _, sequence)| sequence).collect();
    assert_eq!(sequences, [SEQUENCE_MAX - 1, SEQUENCE_MAX, 1, 2]);
    assert_eq!(play.answers_submit(1, 0), [accepted(2, 1)]);
}

#[test]
fn a_number_still_in_flight_is_skipped_when_the_counter_comes_round() {
    let mut play = Play::bound(2);
    play.submits(100).unwrap();
    let mut answered = 0;
    for token in 0..50 {
        play.submits(token).unwrap();
        let sequence = play.sent().last().unwrap().2;
        assert_eq!(play.answers_submit(sequence, 0), [accepted(token, sequence)]);
        answered += 1;
    }
    assert_eq!((answered, play.session.in_flight()), (50, 1));
    assert_eq!(play.answers_submit(2, 0), [accepted(100, 2)]);
}

#[derive(Debug, Clone)]
enum Step {
    Submit,
    Answer(usize),
    Write(usize),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Submit),
        3 => (0..20_usize).prop_map(Step::Answer),
        2 => (0..300_usize).prop_map(Step::Write),
        1 => (0..6_000_u64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 0..200)
}

proptest! {
    #[test]
    fn every_submit_has_exactly_one_fate_and_the_window_holds(steps in steps(), window in 1..6_usize) {
        let mut play = Play::bound(window);
        let (mut taken, mut fates, mut next) = (Vec::new(), Vec::new(), 0);
        for step in steps {
            let events = match step {
                Step::Submit => {
                    if play.submits(next).is_ok() {
                        taken.push(next);
                    }
                    next += 1;
                    vec![]
                }
                Step::Answer(back) => play.answers_submit(next.saturating_sub(u32::try_from(back).unwrap()), 0),
                Step::Write(count) => {
                    play.session.written(count);
                    vec![]
                }
                Step::Wait(millis) => play.waits(Duration::from_millis(millis)),
            };
            fates.extend(events.into_iter().filter_map(|event| match event {
                Event::Completed { token, .. } => Some(token),
                _ => None,
            }));
            prop_assert!(play.session.in_flight() <= window);
            prop_assert_eq!(play.session.in_flight(), taken.len() - fates.len());
        }
        for event in play.abandoned() {
            if let Event::Completed { token, .. } = event {
                fates.push(token);
            }
        }
        fates.sort_unstable();
        prop_assert_eq!(fates, taken);
    }

    #[test]
    fn no_bytes_whatever_break_a_session(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let mut play = Play::bound(4);
        play.submits(1).unwrap();
        let mut events = Vec::new();
        let consumed = play.session.on_bytes(&bytes, play.now, &mut events);
        prop_assert!(consumed <= bytes.len());
    }
}
