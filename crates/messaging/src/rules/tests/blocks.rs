use super::{read, sms};
use crate::rules::*;

fn block(channel: &str, block: &str) -> Result<(), Refusal> {
    let changes = [("deliverychannel", format!("\"{channel}\"")), ("channels", block.to_owned())];
    let changes: Vec<_> = changes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    read(&sms(&changes)).map(|_| ())
}

#[test]
fn the_blocks_of_other_channels_are_asked_for() {
    let missing = |channel: &str, given: &str, expected: Missing| {
        assert_eq!(block(channel, given), Err(expected.into()), "{channel} {given}");
    };
    missing("voice", "{}", Missing::Voice);
    missing("voice", r#"{"voice":{"cli":"1"}}"#, Missing::VoiceContent);
    missing("push", "{}", Missing::Push);
    missing("push", r#"{"push":{}}"#, Missing::PushPlatform);
    missing("push", r#"{"push":{"android":{},"ios":{"text":"a"}}}"#, Missing::AndroidText);
    missing("push", r#"{"push":{"ios":{"text":""}}}"#, Missing::IosText);
    missing("rt", "-", Missing::Appmessaging);
    missing("appmessaging", r#"{"appmessaging":{"message":{}}}"#, Missing::RtText);
    for (channel, ott) in [("fb", Ott::Fb), ("twitter", Ott::Twitter), ("wechat", Ott::Wechat)] {
        missing(channel, "{}", Missing::Ott(ott));
        missing(channel, r#"{"OTT-Messaging":{}}"#, Missing::OttBlock(ott));
        missing(channel, &format!(r#"{{"OTT-Messaging":{{"{channel}":{{}}}}}}"#), Missing::OttText(ott));
    }
    for (channel, good) in [
        ("voice", r#"{"voice":{"promptid":7}}"#),
        ("push", r#"{"push":{"android":{"text":"a","priority":"5"}}}"#),
        ("push", r#"{"push":{"web":{}}}"#),
        ("rt", r#"{"appmessaging":{"text":"old shape"}}"#),
        ("rt", r#"{"appmessaging":{"type":"typingStart"}}"#),
        ("fb", r#"{"OTT-Messaging":{"fb":{"sender_action":"typing_on"}}}"#),
        ("twitter", r#"{"OTT-Messaging":{"twitter":{"text":"a"}}}"#),
        ("wechat", r#"{"OTT-Messaging":{"wechat":{"attachment":{"type":"media"}}}}"#),
    ] {
        assert_eq!(block(channel, good), Ok(()), "{good}");
    }
    assert_eq!(block("voice", r#"{"voice":1}"#), Err(Param::ChannelBlock("voice").into()));
    assert_eq!(block("fb", r#"{"OTT-Messaging":{"fb":1}}"#), Err(Param::ChannelBlock("fb").into()));
    for (channel, bad) in [
        ("rt", r#"{"appmessaging":{"priority":6}}"#),
        ("push", r#"{"push":{"android":{"text":"a","priority":0}}}"#),
    ] {
        assert!(matches!(block(channel, bad), Err(Refusal::PriorityOfFive(_))), "{bad}");
    }
}

#[test]
fn each_fault_of_the_buttons_has_its_refusal() {
    use InteractiveFault as F;
    let check = |interactive: &str, expected: Result<(), F>| {
        let given =
            block("push", &format!(r#"{{"push":{{"ios":{{"text":"a"}},"interactive":{interactive}}}}}"#));
        assert_eq!(given, expected.map_err(Refusal::Interactive), "{interactive}");
    };
    let with = |category: &str, devices: &str, actions: &str| {
        format!(r#"{{"category":"{category}","device_types":{devices},"actions":{actions}}}"#)
    };
    let one = |action: &str| with("SINGLE_OPEN", r#"["ios"]"#, &format!("[{action}]"));
    let two = |first: &str, second: &str| {
        with("DOUBLE_SHOPNOW_CANCEL", r#"["ios","android"]"#, &format!("[{first},{second}]"))
    };
    check("{}", Err(F::CategoryMissing));
    check(r#"{"category":"X"}"#, Err(F::ActionsMissing));
    check(r#"{"category":"X","actions":[{}]}"#, Err(F::DeviceTypesMissing));
    check(&with("X", r#"["mac"]"#, "[{}]"), Err(F::DeviceTypeInvalid("mac".into())));
    check(&with("X", r#"["ios","ios"]"#, "[{}]"), Err(F::DeviceTypeDuplicate("ios".into())));
    check(&with("X", r#"["ios"]"#, "[{}]"), Err(F::CategoryInvalid));
    check(&with("DOUBLE_REPLY_YES_NO", r#"["ios"]"#, "[{}]"), Err(F::CategoryInvalid));
    check(&with("SINGLE_OPEN", r#"["ios"]"#, "[{},{}]"), Err(F::ActionsCount { expected: 1, found: 2 }));
    check(&one("{}"), Err(F::PosMissing));
    check(&one(r#"{"pos":2}"#), Err(F::PosInvalid("1")));
    check(&two(r#"{"pos":3}"#, "{}"), Err(F::PosInvalid("1,2")));
    check(&two(r#"{"pos":1}"#, r#"{"pos":"1"}"#), Err(F::PosDuplicate));
    check(&one(r#"{"pos":1,"identifier":"CANCEL","action":"X"}"#), Err(F::IdentifierNotAtPos));
    check(&one(r#"{"pos":1,"identifier":"X","action":"X"}"#), Err(F::ActionInvalid));
    check(&one(r#"{"pos":1,"action":"INLINE_REPLY"}"#), Err(F::ActionInvalid));
    check(&one(r#"{"pos":1,"identifier":"X","action":"OPEN_APP"}"#), Err(F::IdentifierInvalid));
    check(&one(r#"{"pos":1,"action":"SHARE"}"#), Err(F::ActionNotForIdentifier("OPEN".into())));
    check(&one(r#"{"pos":1,"action":"OPEN_URL"}"#), Err(F::ActionValueMissing("OPEN_URL".into())));
    check(
        &one(r#"{"pos":1,"action":"OPEN_URL","value":"x"}"#),
        Err(F::ActionValueInvalid("OPEN_URL".into())),
    );
    check(
        &one(r#"{"pos":1,"action":"DEEPLINK","value":"x"}"#),
        Err(F::ActionValueInvalid("DEEPLINK".into())),
    );
    check(
        &two(
            r#"{"pos":1,"action":"OPEN_URL","value":"https://x.example/"}"#,
            r#"{"pos":2,"action":"DISMISS","identifier":"CANCEL"}"#,
        ),
        Ok(()),
    );
    check(&one(r#"{"pos":"1"}"#), Ok(()));
}
