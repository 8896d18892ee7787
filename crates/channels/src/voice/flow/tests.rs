use super::*;

const SURVEY: &str = r##"
start = "hello"
[steps.hello]
do = "play"
sound = { prompt = "welcome" }
next = "ask"
[steps.ask]
do = "collect"
sound = { say = "Press 1 or 2." }
digits = 1
wait_ms = 3000
tries = 2
branches = { "1" = "yes", "2" = "rest" }
otherwise = "end"
[steps.yes]
do = "collect"
digits = 4
otherwise = "end"
[steps.rest]
do = "pause"
ms = 500
next = "end"
[steps.end]
do = "hang_up"
"##;

fn plan() -> Arc<Plan> {
    let flow = Flow::read(SURVEY).unwrap();
    let sounds = flow.sounds().into_iter().zip([[1u8; 4], [2; 4]]);
    let sounds = sounds.map(|(sound, octets)| (sound.clone(), Arc::from(octets.as_slice()))).collect();
    Arc::new(Plan { flow: Arc::new(flow), sounds })
}

fn play(octet: u8) -> Option<Action> {
    Some(Action::Play(Arc::from([octet; 4].as_slice())))
}

#[test]
fn a_walk_plays_listens_and_takes_the_branch_of_the_key() {
    let (mut walk, first) = Walk::start(plan());
    assert_eq!(Some(first), play(1));
    assert_eq!(walk.signal(Signal::Key('9')), None, "nobody listens yet");
    assert_eq!(walk.signal(Signal::Done), play(2));
    assert_eq!(walk.signal(Signal::Key('1')), Some(Action::Wait(5_000)), "the key cuts the question short");
    for key in ['4', '2'] {
        assert_eq!(walk.signal(Signal::Key(key)), Some(Action::Wait(5_000)));
    }
    assert_eq!(walk.signal(Signal::Key('#')), Some(Action::HangUp));
    assert_eq!(walk.noted(), [("ask".to_owned(), "1".to_owned()), ("yes".to_owned(), "42".to_owned())]);
}

#[test]
fn silence_and_wrong_keys_use_up_the_tries() {
    let (mut walk, _) = Walk::start(plan());
    assert_eq!(walk.signal(Signal::Done), play(2));
    assert_eq!(walk.signal(Signal::Done), Some(Action::Wait(3_000)));
    assert_eq!(walk.signal(Signal::Done), play(2), "nothing was pressed: once more");
    assert_eq!(walk.signal(Signal::Key('7')), Some(Action::HangUp));
}

#[test]
fn a_pause_is_waited_for() {
    let (mut walk, _) = Walk::start(plan());
    let _ = walk.signal(Signal::Done);
    assert_eq!(walk.signal(Signal::Key('2')), Some(Action::Wait(500)));
    assert_eq!(walk.signal(Signal::Done), Some(Action::HangUp));
}

#[test]
fn a_connection_that_ended_goes_on_and_one_that_never_was_goes_otherwise() {
    let text = r#"{"start":"a","steps":{"a":{"do":"connect","number":"4930","next":"b","otherwise":"c"},
        "b":{"do":"pause","ms":20},"c":{"do":"pause","ms":40}}}"#;
    let plan = Arc::new(Plan { flow: Arc::new(Flow::read(text).unwrap()), sounds: HashMap::new() });
    for (signal, ms) in [(Signal::Done, 20), (Signal::Unreached, 40)] {
        let (mut walk, first) = Walk::start(Arc::clone(&plan));
        assert_eq!(first, Action::Connect { number: "4930".to_owned(), ring_ms: 30_000 });
        assert_eq!(walk.signal(Signal::Key('1')), None, "keys are the third party's");
        assert_eq!(walk.signal(signal), Some(Action::Wait(ms)));
    }
    let wrong = |from: &str, to: &str| Flow::read(&text.replace(from, to)).unwrap_err().to_string();
    assert_eq!(wrong("\"4930\"", "\"49x\""), "step a: number is 1 to 20 digits, + before them or not");
    assert_eq!(wrong("\"4930\"", "\"4930\",\"ring_s\":181"), "step a: ring_s is 1 to 180");
    assert_eq!(wrong("\"next\":\"b\"", "\"next\":\"x\""), "step a leads to the step x, which there is not");
}

#[test]
fn a_flow_that_goes_in_circles_ends() {
    let flow = Flow::read(r#"{"start":"a","steps":{"a":{"do":"pause","ms":1,"next":"a"}}}"#).unwrap();
    let (mut walk, mut action) = Walk::start(Arc::new(Plan { flow: Arc::new(flow), sounds: HashMap::new() }));
    let mut steps = 0;
    while action != Action::HangUp {
        action = walk.signal(Signal::Done).unwrap();
        steps += 1;
    }
    assert_eq!(steps, 1_000);
}

#[test]
fn what_is_wrong_with_a_flow_is_said() {
    let wrong = |from: &str, to: &str| Flow::read(&SURVEY.replace(from, to)).unwrap_err().to_string();
    assert_eq!(wrong("start = \"hello\"", "start = \"x\""), "start leads to the step x, which there is not");
    assert_eq!(
        wrong("next = \"ask\"", "next = \"asc\""),
        "step hello leads to the step asc, which there is not"
    );
    assert_eq!(wrong("ms = 500", "ms = 0"), "step rest: ms is 1 to 60000");
    assert_eq!(wrong("digits = 4", "digits = 33"), "step yes: digits is 1 to 32");
    assert_eq!(wrong("tries = 2", "tries = 0"), "step ask: tries is 1 to 10");
    assert_eq!(wrong("Press 1 or 2.", " "), "step ask: a text to say has 1 to 1000 characters");
    assert!(wrong("ms = 500", "milliseconds = 500").contains("milliseconds"));
    assert!(Flow::read("{").unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn a_prompt_alone_is_a_flow_of_one_step() {
    let flow = Flow::of_sound(Sound::Prompt("7".into()));
    assert_eq!(flow.check(), Ok(()));
    assert_eq!(flow.sounds().len(), 1);
}
