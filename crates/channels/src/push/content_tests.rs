use super::super::testing::{NOW, code, outgoing};
use super::*;
use crate::connector::AddressKind;

const RANGE: TimeToLive = TimeToLive { secs_max: 100, code: 7506 };

fn time_to_live(extras: Value, expires_at: Option<Micros>) -> Result<i64, u16> {
    let mut out = outgoing(AddressKind::AndroidPush, json!({"android": {"text": "x", "extras": extras}}));
    out.expires_at = expires_at;
    let content = Content::of(&out.block, "android").map_err(|handed| code(&handed))?;
    content.time_to_live(RANGE, &out, NOW).map_err(|handed| code(&handed))
}

#[test]
fn a_block_that_is_missing_is_refused() {
    for block in [json!({}), json!({"android": null}), json!({"android": "x"}), json!({"ios": {}})] {
        let handed = Content::of(&block, "android").err().unwrap();
        let expected = refused(7112, "the message has no content for android");
        assert_eq!(handed, expected, "{block}");
    }
}

#[test]
fn time_to_live_is_a_whole_number_within_its_range() {
    let table = [
        (json!({}), Ok(100)),
        (json!({"time_to_live": null}), Ok(100)),
        (json!({"time_to_live": 0}), Ok(0)),
        (json!({"time_to_live": 100}), Ok(100)),
        (json!({"time_to_live": " 50 "}), Ok(50)),
        (json!({"time_to_live": 101}), Err(7506)),
        (json!({"time_to_live": -1}), Err(7506)),
        (json!({"time_to_live": 1.5}), Err(7506)),
        (json!({"time_to_live": "soon"}), Err(7506)),
        (json!({"time_to_live": ""}), Err(7506)),
        (json!({"time_to_live": true}), Err(7506)),
        (json!({"time_to_live": 1e30}), Err(7506)),
    ];
    for (extras, expected) in table {
        assert_eq!(time_to_live(extras.clone(), None), expected, "{extras}");
    }
}

#[test]
fn the_expiry_of_the_message_ends_what_time_to_live_allows() {
    let at = |ms: i64| Some(NOW.add_ms(ms));
    let table = [
        (json!({}), at(60_000), Ok(60)),
        (json!({}), at(60_001), Ok(61)),
        (json!({}), at(1), Ok(1)),
        (json!({}), at(0), Err(7503)),
        (json!({}), at(-5), Err(7503)),
        (json!({}), Some(Micros::MAX), Ok(100)),
        (json!({"time_to_live": 10}), at(60_000), Ok(10)),
        (json!({"time_to_live": 0}), at(60_000), Ok(0)),
        (json!({"time_to_live": 101}), at(-5), Err(7506)),
    ];
    for (extras, expires_at, expected) in table {
        assert_eq!(time_to_live(extras.clone(), expires_at), expected, "{extras} {expires_at:?}");
    }
}

#[test]
fn buttons_are_for_the_platforms_they_name() {
    let with = |types: Value| {
        let block =
            json!({"ios": {"text": "x"}, "interactive": {"device_types": types, "category": "SINGLE_OPEN"}});
        Content::of(&block, "ios").map(|content| content.category().map(str::to_owned)).ok().flatten()
    };
    let category = Some("SINGLE_OPEN".to_owned());
    assert_eq!(with(json!(["android", "iOS"])), category);
    assert_eq!(with(Value::Null), category);
    assert_eq!(with(json!(["android"])), None);
    assert_eq!(with(json!([])), None);
}
