use serde_json::{Value, json};

use super::{plan, read, sms};
use crate::rules::*;

fn block(channel: &str, block: &str) -> Result<Plan, Refusal> {
    let changes = [("deliverychannel", format!("\"{channel}\"")), ("channels", block.to_owned())];
    let changes: Vec<_> = changes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    read(&sms(&changes))
}

fn accepted(channel: &str, given: &Value) -> Value {
    match block(channel, &given.to_string()).map(|plan| plan.content) {
        Ok(Content::Block(block)) => block,
        other => panic!("{given}: {other:?}"),
    }
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
}

#[test]
fn a_template_gives_what_the_block_would_have_to_say() {
    let templated = |channel: &str, channels: &str| {
        let changes = [
            ("deliverychannel", format!("\"{channel}\"")),
            ("channels", channels.to_owned()),
            ("message", r#"{"template":"1"}"#.to_owned()),
        ];
        let changes: Vec<_> = changes.iter().map(|(name, value)| (*name, value.as_str())).collect();
        plan(&changes).content
    };
    let nothing = Content::Block(json!({}));
    for channel in ["voice", "push", "rt", "fb", "twitter", "wechat"] {
        assert_eq!(templated(channel, "-"), nothing, "{channel}");
        assert_eq!(templated(channel, "{}"), nothing, "{channel}");
    }
    assert_eq!(templated("fb", r#"{"OTT-Messaging":{}}"#), nothing);
    for (channel, given) in [
        ("voice", json!({"voice": {"cli": "1"}})),
        ("push", json!({"push": {"android": {"title": "a"}}})),
        ("push", json!({"push": {"web": {}}})),
        ("rt", json!({"appmessaging": {"thread_id": "t"}})),
    ] {
        let block = given.as_object().unwrap().values().next().unwrap().clone();
        assert_eq!(templated(channel, &given.to_string()), Content::Block(block));
    }
    assert_eq!(
        templated("twitter", r#"{"OTT-Messaging":{"twitter":{"quick_reply":{}}}}"#),
        Content::Block(json!({"quick_reply": {}}))
    );
}

#[test]
fn aliases_and_older_shapes_are_kept_in_one_spelling() {
    let same =
        |channel: &str, given: Value, kept: Value| assert_eq!(accepted(channel, &given), kept, "{given}");
    same(
        "voice",
        json!({"voice": {"media": "a.wav", "promptid": 7, "callflowid": ""}}),
        json!({"promptid": "7"}),
    );
    same(
        "voice",
        json!({"voice": {"media": "a", "promptid": 7, "callflowid": 184, "cli": 1}}),
        json!({"callflowid": "184", "cli": "1"}),
    );
    same(
        "push",
        json!({"push": {
            "android": {"text": 5, "priority": "5", "extras": {"time_to_live": "60", "customtags": {"n": 1, "b": true, "x": null}}},
            "web": {"text": "a", "platorm_types": ["chrome"]},
        }}),
        json!({
            "android": {"text": "5", "priority": 5, "extras": {"time_to_live": 60, "customtags": {"n": "1", "b": "true"}}},
            "web": {"text": "a", "platform_types": ["chrome"]},
        }),
    );
    same(
        "rt",
        json!({"appmessaging": {"text": "old", "topic": 9, "priority": 1, "extras": {"n": 1}}}),
        json!({"topic": "9", "priority": 1, "message": {"text": "old", "extras": {"n": 1}}}),
    );
    same(
        "appmessaging",
        json!({"appmessaging": {"text": "beside", "message": {"text": "inside"}}}),
        json!({"message": {"text": "inside"}}),
    );
    let replies = |first: &str, second: &str| {
        json!({"title": "t", "interactive": {"category": "DOUBLE_REPLY_YES_NO",
            "actions": [{"pos": 1, "action": first}, {"pos": 2, "action": second}]}})
    };
    same(
        "rt",
        json!({"appmessaging": {"message": {"text": "a"}, "notification": replies("TRIVIAL_REPLIES", "IN_LINE_REPLY")}}),
        json!({"message": {"text": "a"}, "notification": replies("TRIVIAL_REPLY", "INLINE_REPLY")}),
    );
}

#[test]
fn a_deep_link_may_begin_with_an_app_id() {
    let open = |value: &str| {
        let action = json!({"action": "DEEPLINK", "value": value});
        let given = json!({"push": {"ios": {"text": "a", "extras": {"notificationaction": action}}}});
        block("push", &given.to_string()).is_ok()
    };
    assert!(open("a_636035705699961900://command/open?x=1"));
    assert!(open("shop://x"));
    for bad in ["", "shop", "shop://", "://x", "sh op://x", "shop://a b", "é://x"] {
        assert!(!open(bad), "{bad}");
    }
}

#[test]
fn a_call_with_too_many_parameters_is_taken_and_ends_with_7120() {
    struct Voice;
    impl Policies for Voice {
        fn is_configured(&self, _: waypost_core::channel::Channel) -> bool {
            true
        }
        fn is_sender(&self, _: &str) -> bool {
            true
        }
        fn is_template(&self, _: &str, _: waypost_core::channel::Channel) -> bool {
            true
        }
        fn is_link(&self, _: i64) -> bool {
            true
        }
        fn plus_rule(&self) -> waypost_core::msisdn::PlusRule {
            waypost_core::msisdn::PlusRule::Optional
        }
    }
    let outcome = |characters: usize| {
        let given = json!({"voice": {"callflowid": "1", "x": "x".repeat(characters)}});
        content_outcome(&block("voice", &given.to_string()).unwrap(), &Voice)
    };
    let around = r#"{"callflowid":"1","x":""}"#.len();
    assert_eq!(outcome(VOICE_PARAMETER_BYTES_MAX - around), None);
    assert_eq!(outcome(VOICE_PARAMETER_BYTES_MAX - around + 1), Some(EarlyOutcome::VoiceParametersTooLong));
    let asked = plan(&[(
        "channels",
        r#"{"sms":{"text":"Hi"},"contactPolicy":{"contactPolicyGroup":"g","channelCheckConsent":true}}"#,
    )]);
    assert_eq!(content_outcome(&asked, &Voice), Some(EarlyOutcome::ContactPolicyNotEnabled));
}

#[test]
fn every_category_takes_its_own_buttons_and_no_others() {
    // Identifier by position, as documented in docs/channels/push.md; and an action each can have.
    const PUSH: &str = "SINGLE_DISMISS=DISMISS SINGLE_OPEN=OPEN SINGLE_SUBSCRIBE=SUBSCRIBE SINGLE_UNSUBSCRIBE=UNSUBSCRIBE \
        SINGLE_SHARE=SHARE SINGLE_DEEPLINK=DEEPLINK SINGLE_REPLY=REPLY DOUBLE_YES_NO=YES,NO DOUBLE_ACCEPT_CANCEL=ACCEPT,CANCEL \
        DOUBLE_SHARE_CANCEL=SHARE,CANCEL DOUBLE_SHOPNOW_CANCEL=SHOPNOW,CANCEL DOUBLE_LATER_NOW=LATER,NOW \
        DOUBLE_PLAY_NOW_PLAY_LATER=PLAY_NOW,PLAY_LATER DOUBLE_OK_LEARN_MORE=OK,LEARN_MORE \
        DOUBLE_SUBSCRIBE_UNSUBSCRIBE=SUBSCRIBE,UNSUBSCRIBE DOUBLE_BUY_NOW_BUY_LATER=BUY_NOW,BUY_LATER DOUBLE_LIKE_SHARE=LIKE,SHARE";
    const RT: &str = "DOUBLE_REPLY_DISMISS=REPLY,DISMISS DOUBLE_REPLY_NO_DISMISS=REPLY_NO,DISMISS \
        DOUBLE_REPLY_YES_DISMISS=REPLY_YES,DISMISS DOUBLE_REPLY_YES_NO=REPLY_YES,REPLY_NO";
    let tables: Vec<(&str, &str, bool)> = PUSH
        .split_whitespace()
        .map(|line| (line, true))
        .chain(RT.split_whitespace().map(|line| (line, false)))
        .filter_map(|(line, on_push)| line.split_once('=').map(|(name, buttons)| (name, buttons, on_push)))
        .collect();
    assert_eq!(tables.len(), 21);
    for (category, buttons, on_push) in tables {
        let identifiers: Vec<&str> = buttons.split(',').collect();
        for on_rt in [false, true] {
            let reply = |name: &str| name.starts_with("REPLY");
            let action = |name: &str| match name {
                "SHARE" | "DEEPLINK" => name.to_owned(),
                name if reply(name) && on_rt => "INLINE_REPLY".to_owned(),
                _ => "OPEN_APP".to_owned(),
            };
            let actions: Vec<Value> = identifiers
                .iter()
                .enumerate()
                .map(|(at, name)| {
                    json!({"pos": at + 1, "identifier": name, "action": action(name), "value": "app://x"})
                })
                .collect();
            let buttons = json!({"category": category, "device_types": ["ios"], "actions": actions});
            let given = if on_rt {
                let offline = json!({"title": "t", "interactive": buttons});
                json!({"appmessaging": {"text": "a", "notification": offline}})
            } else {
                json!({"push": {"ios": {"text": "a"}, "interactive": buttons}})
            };
            let read = block(if on_rt { "rt" } else { "push" }, &given.to_string());
            assert_eq!(read.is_ok(), on_rt || on_push, "{category} {on_rt}: {read:?}");
        }
    }
}
