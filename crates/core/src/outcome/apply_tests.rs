use proptest::prelude::*;

use super::*;

fn sent(part: u8) -> Event {
    Event::Submitted { part, provider_ref: ProviderRef::new(&format!("id{part}")).unwrap() }
}

fn delivered(part: u8) -> Event {
    Event::Receipt { part, outcome: PartOutcome::Delivered }
}

fn failed(part: u8, code: u16) -> Event {
    Event::Receipt { part, outcome: PartOutcome::Failed { code } }
}

fn enroute(part: u8) -> Event {
    Event::Receipt { part, outcome: PartOutcome::Intermediate }
}

fn refused_by(part: u8, code: u16, origin: Origin) -> Event {
    Event::SubmitFailed { part, code, origin }
}

/// What each event leads to: the code told to the client, or 0, and `late`.
fn walk(channel: Channel, parts: u8, events: &[Event]) -> (Vec<(u16, bool)>, MessageProgress) {
    let mut progress = MessageProgress::queued(channel, parts);
    let steps = events.iter().map(|event| {
        let step = apply(&progress, event);
        assert_eq!(step.changed, step.next != progress, "{event:?}");
        progress = step.next;
        (step.notify.map_or(0, |outcome| outcome.code), step.late)
    });
    (steps.collect(), progress)
}

fn check(parts: u8, events: &[Event], steps: &[(u16, bool)], state: MessageState) {
    let (seen, progress) = walk(Channel::Sms, parts, events);
    assert_eq!((seen.as_slice(), progress.state()), (steps, state), "{events:?}");
}

#[test]
fn the_plain_walk_tells_submitted_then_delivered() {
    check(
        1,
        &[sent(0), enroute(0), delivered(0)],
        &[(7501, false), (0, false), (7500, false)],
        MessageState::Delivered,
    );
}

#[test]
fn a_receipt_before_its_response_implies_submission_and_the_id_is_kept() {
    let (steps, progress) = walk(Channel::Sms, 1, &[delivered(0), sent(0)]);
    assert_eq!(steps, [(7500, false), (0, true)]);
    assert_eq!(progress.parts()[0].provider_ref.as_str(), "id0");
}

#[test]
fn an_intermediate_receipt_says_that_the_operator_has_the_part() {
    check(1, &[enroute(0), sent(0)], &[(7501, false), (0, true)], MessageState::Submitted);
}

#[test]
fn the_first_final_word_about_a_part_counts() {
    check(1, &[delivered(0), failed(0, 7208)], &[(7500, false), (0, true)], MessageState::Delivered);
    check(1, &[failed(0, 7208), delivered(0)], &[(7208, false), (0, true)], MessageState::Expired);
    check(1, &[delivered(0), delivered(0)], &[(7500, false), (0, true)], MessageState::Delivered);
    check(
        1,
        &[sent(0), refused_by(0, 7101, Origin::Operator)],
        &[(7501, false), (0, true)],
        MessageState::Submitted,
    );
}

#[test]
fn a_long_message_is_submitted_and_delivered_when_all_parts_are() {
    check(
        2,
        &[sent(0), delivered(0), sent(1), delivered(1)],
        &[(0, false), (0, false), (7501, false), (7500, false)],
        MessageState::Delivered,
    );
}

#[test]
fn the_first_failed_part_of_a_long_message_fails_it_with_7209() {
    check(
        2,
        &[sent(0), sent(1), failed(1, 7207), delivered(0)],
        &[(0, false), (7501, false), (7209, false), (0, true)],
        MessageState::Undelivered,
    );
    check(
        2,
        &[sent(0), refused_by(1, 7101, Origin::Operator)],
        &[(0, false), (7209, false)],
        MessageState::Undelivered,
    );
}

#[test]
fn a_part_refused_before_any_was_accepted_gives_the_message_its_code() {
    let check_by = |origin, state| check(2, &[refused_by(0, 7101, origin)], &[(7101, false)], state);
    check_by(Origin::Operator, MessageState::Undelivered);
    check_by(Origin::Platform, MessageState::Failed);
}

#[test]
fn a_refusal_of_ours_reaches_only_what_is_still_queued() {
    let refusal = Event::PolicyRefused { code: 7109 };
    check(1, &[refusal.clone(), sent(0)], &[(7109, false), (0, true)], MessageState::Undelivered);
    check(1, &[sent(0), refusal.clone()], &[(7501, false), (0, true)], MessageState::Submitted);
    check(2, &[sent(0), refusal], &[(0, false), (7209, false)], MessageState::Undelivered);
    check(1, &[Event::PolicyRefused { code: 7113 }], &[(7113, false)], MessageState::Failed);
}

#[test]
fn each_kind_of_expiry_has_its_code() {
    check(1, &[Event::ExpiredInQueue], &[(7503, false)], MessageState::Expired);
    check(1, &[sent(0), Event::ExpiredInQueue], &[(7501, false), (0, true)], MessageState::Submitted);
    check(1, &[sent(0), Event::ReceiptWindowClosed], &[(7501, false), (7303, false)], MessageState::Expired);
    check(1, &[Event::ReceiptWindowClosed], &[(0, true)], MessageState::Queued);
    check(
        1,
        &[delivered(0), Event::ReceiptWindowClosed],
        &[(7500, false), (0, true)],
        MessageState::Delivered,
    );
    let (steps, _) = walk(Channel::Voice, 1, &[Event::ExpiredInQueue]);
    assert_eq!(steps, [(7005, false)]);
}

#[test]
fn read_implies_delivered_and_clicked_implies_read() {
    let check_push = |events: &[Event], steps: &[(u16, bool)], state| {
        let (seen, progress) = walk(Channel::Push, 1, events);
        assert_eq!((seen.as_slice(), progress.state()), (steps, state), "{events:?}");
    };
    check_push(
        &[sent(0), Event::Read, delivered(0)],
        &[(7501, false), (7502, false), (0, true)],
        MessageState::Read,
    );
    check_push(&[Event::Clicked, Event::Read], &[(7528, false), (0, true)], MessageState::Clicked);
    check_push(
        &[delivered(0), Event::Read, Event::Clicked],
        &[(7500, false), (7502, false), (7528, false)],
        MessageState::Clicked,
    );
    check_push(&[failed(0, 7512), Event::Read], &[(7512, false), (0, true)], MessageState::Failed);
}

#[test]
fn an_event_for_a_part_that_does_not_exist_changes_nothing() {
    for event in [sent(2), delivered(2), failed(2, 7201), refused_by(2, 7201, Origin::Platform)] {
        let before = MessageProgress::queued(Channel::Sms, 2);
        let expected = Transition { next: before.clone(), changed: false, notify: None, late: true };
        assert_eq!(apply(&before, &event), expected);
    }
}

#[test]
fn the_word_of_a_stored_message_is_the_word_that_was_told() {
    let events = [
        sent(0),
        delivered(0),
        failed(0, 7208),
        failed(0, 7203),
        refused_by(0, 7203, Origin::Platform),
        refused_by(0, 7203, Origin::Operator),
        Event::ExpiredInQueue,
        Event::PolicyRefused { code: 7101 },
        Event::Read,
        Event::Clicked,
    ];
    let words = events.map(|event| {
        let step = apply(&MessageProgress::queued(Channel::Sms, 1), &event);
        let stored = MessageProgress::from_bytes(&step.next.to_bytes()).unwrap();
        assert_eq!(stored.outcome(), step.notify, "{event:?}");
        stored.outcome().unwrap().status.as_str()
    });
    let expected = [
        "Submitted",
        "Delivered",
        "Un-Delivered",
        "Un-Delivered",
        "Failed",
        "Un-Delivered",
        "Failed",
        "Failed",
        "Read",
        "Clicked",
    ];
    assert_eq!(words, expected);
}

#[test]
fn every_receipt_state_has_an_outcome() {
    use ReceiptState as S;
    let check = |state, outcome| assert_eq!(receipt_outcome(state), outcome, "{state:?}");
    for state in [S::Enroute, S::Accepted, S::Scheduled] {
        check(state, PartOutcome::Intermediate);
    }
    check(S::Delivered, PartOutcome::Delivered);
    check(S::Expired, PartOutcome::Failed { code: 7208 });
    check(S::Undeliverable, PartOutcome::Failed { code: 7201 });
    check(S::Rejected, PartOutcome::Failed { code: 7201 });
    check(S::Deleted, PartOutcome::Failed { code: 7202 });
    check(S::Skipped, PartOutcome::Failed { code: 7202 });
    check(S::Unknown, PartOutcome::Failed { code: 7200 });
}

/// The events of one part, told consistently: at most one final word.
fn part_story(part: u8) -> impl Strategy<Value = Vec<Event>> {
    prop_oneof![
        Just(vec![sent(part), delivered(part)]),
        Just(vec![delivered(part)]),
        Just(vec![sent(part), enroute(part)]),
        Just(vec![sent(part)]),
        (7201_u16..7209).prop_map(move |code| vec![sent(part), failed(part, code)]),
        (7201_u16..7209).prop_map(move |code| vec![failed(part, code)]),
        (7201_u16..7209).prop_map(move |code| vec![refused_by(part, code, Origin::Operator)]),
    ]
}

fn story() -> impl Strategy<Value = (u8, Vec<Event>)> {
    (1_u8..=3).prop_flat_map(|parts| {
        let stories: Vec<_> = (0..parts).map(part_story).collect();
        (Just(parts), stories.prop_map(|stories| stories.concat()))
    })
}

fn permutations(events: &[Event]) -> Vec<Vec<Event>> {
    if events.len() <= 1 {
        return vec![events.to_vec()];
    }
    let first_then_rest = (0..events.len()).flat_map(|at| {
        let mut rest = events.to_vec();
        let first = rest.remove(at);
        permutations(&rest).into_iter().map(move |rest| [vec![first.clone()], rest].concat())
    });
    first_then_rest.collect()
}

/// A failed message never moves; the others move up in the order of their numbers.
fn moved_forward(from: MessageState, to: MessageState) -> bool {
    from == to || (!from.is_failure() && (to.is_failure() && !from.is_final() || to.to_u8() > from.to_u8()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_order_of_the_same_events_moves_forward_to_the_same_end((parts, events) in story()) {
        let refused = events.iter().any(|event| matches!(event, Event::SubmitFailed { .. }));
        let mut ends = Vec::new();
        for order in permutations(&events) {
            let (mut progress, mut told) = (MessageProgress::queued(Channel::Sms, parts), Vec::new());
            for event in &order {
                let step = apply(&progress, event);
                prop_assert!(moved_forward(progress.state(), step.next.state()), "{:?}", order);
                told.extend(step.notify.map(|outcome| outcome.code));
                progress = step.next;
                let stored = MessageProgress::from_bytes(&progress.to_bytes());
prop_assert_eq!(stored.as_ref(), Ok(&progress));
            }
            let last = told.last().copied();
            prop_assert!(told.len() <= 2 && last == progress.code(), "{:?} told {:?}", order, told);
            let code = if refused && progress.state().is_failure() { None } else { progress.code() };
            ends.push((progress.state().is_failure(), code));
        }
        prop_assert!(ends.iter().all(|end| end == &ends[0]), "{:?}", ends);
    }

    #[test]
    fn an_event_told_twice_changes_nothing_the_second_time((parts, events) in story()) {
        let mut progress = MessageProgress::queued(Channel::Sms, parts);
        for event in &events {
            progress = apply(&progress, event).next;
            let again = apply(&progress, event);
            prop_assert_eq!((again.changed, again.notify), (false, None));
        }
    }
}

#[test]
fn devices_are_told_of_one_by_one_and_one_delivery_is_enough() {
    let events = [sent(0), refused_by(1, 7513, Origin::Operator), delivered(0), delivered(1)];
    let (steps, progress) = walk(Channel::Push, 2, &events);
    assert_eq!(steps, [(7501, false), (7513, false), (7500, false), (0, true)]);
    assert_eq!((progress.state(), progress.code()), (MessageState::Delivered, Some(7500)));
}

#[test]
fn a_push_fails_when_no_device_is_left_with_the_code_of_the_first() {
    let events = [refused_by(0, 7513, Origin::Operator), refused_by(1, 7505, Origin::Operator)];
    let (steps, progress) = walk(Channel::Push, 2, &events);
    assert_eq!(steps, [(7513, false), (7505, false)]);
    assert_eq!((progress.state(), progress.code()), (MessageState::Failed, Some(7513)));
}

#[test]
fn a_push_with_one_device_taken_and_one_refused_is_submitted() {
    let (_, progress) = walk(Channel::Push, 2, &[refused_by(0, 7513, Origin::Operator), sent(1)]);
    assert_eq!((progress.state(), progress.code()), (MessageState::Submitted, Some(7501)));
}

fn call(steps: &[u16]) -> (Vec<(u16, &'static str)>, MessageProgress) {
    let mut progress = MessageProgress::queued(Channel::Voice, 1);
    let placed = Event::Placed { part: 0, provider_ref: ProviderRef::new("c1").unwrap() };
    let mut told = Vec::new();
    for event in [placed].into_iter().chain(steps.iter().map(|code| Event::CallStep { code: *code })) {
        let transition = apply(&progress, &event);
        told.extend(transition.notify.map(|outcome| (outcome.code, outcome.status.as_str())));
        progress = transition.next;
    }
    (told, progress)
}

#[test]
fn a_call_tells_each_step_and_stays_answered_however_it_ends() {
    let (told, progress) = call(&[7408, 7519, 7409, 7405]);
    let expected =
        [(7407, "OFFERED"), (7408, "ACCEPTED"), (7519, "ANSWERED"), (7409, "DROPPED"), (7405, "Released")];
    assert_eq!(told, expected);
    assert_eq!((progress.state(), progress.code()), (MessageState::Delivered, Some(7519)));
}

#[test]
fn a_call_nobody_took_ends_with_its_last_code_and_tells_nothing_more() {
    let (told, progress) = call(&[7408, 7409, 7402, 7409, 7519, 7401]);
    let expected = [(7407, "OFFERED"), (7408, "ACCEPTED"), (7409, "DROPPED"), (7402, "REJECTED")];
    assert_eq!(told, expected);
    assert_eq!((progress.state(), progress.code()), (MessageState::Failed, Some(7402)));
}

#[test]
fn a_step_of_a_call_that_was_never_placed_is_nothing() {
    let queued = MessageProgress::queued(Channel::Voice, 1);
    let transition = apply(&queued, &Event::CallStep { code: 7408 });
    assert_eq!((transition.changed, transition.notify, transition.late), (false, None, true));
}
