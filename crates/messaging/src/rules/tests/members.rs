use super::{plan, refused};
use crate::rules::*;

/// Refused at `path`, with the code `param`'s name stands in.
fn check(name: &str, value: &str, path: &str) {
    let detail = refused(&[(name, value)]).detail();
    assert_eq!(detail.field, path, "{name} {value}");
}

#[test]
fn tracked_links_are_read_and_bounded() {
    let links = |list: &str| format!(r#"{{"sms":{{"text":"Hi"}},"smartlinks":{list}}}"#);
    let read = plan(&[("channels", &links(r#"[{"linkid":"5"},{"linkid":6,"validity":1}]"#))]).smart_links;
    let expected =
        [(5, None), (6, Some(1))].map(|(link, validity_minutes)| SmartLink { link, validity_minutes });
    assert_eq!(read, expected);
    assert_eq!(plan(&[("channels", &links("null"))]).smart_links, []);
    let bad = |list: &str, path: &str| check("channels", &links(list), path);
    bad("{}", "channels.smartlinks");
    bad(&format!("[{}]", vec![r#"{"linkid":1}"#; 51].join(",")), "channels.smartlinks");
    bad("[7]", "channels.smartlinks[0]");
    bad(r#"[{"linkid":1},{"validity":1}]"#, "channels.smartlinks[1].linkid");
    bad(r#"[{"linkid":1},{"linkid":1}]"#, "channels.smartlinks[1].linkid");
    bad(r#"[{"linkid":0}]"#, "channels.smartlinks[0].linkid");
    bad(r#"[{"linkid":"x"}]"#, "channels.smartlinks[0].linkid");
    bad(r#"[{"linkid":1,"validity":0}]"#, "channels.smartlinks[0].validity");
    bad(r#"[{"linkid":1,"validity":5256001}]"#, "channels.smartlinks[0].validity");
}

#[test]
fn a_contact_policy_asks_something_of_a_group() {
    let policy = |object: &str| format!(r#"{{"sms":{{"text":"Hi"}},"contactPolicy":{object}}}"#);
    let good = policy(r#"{"contactPolicyGroup":"g","channelCheckConsent":true}"#);
    assert!(plan(&[("channels", &good)]).asks_contact_policy);
    let words = policy(r#"{"contactPolicyGroup":7,"channelApplyFrequencyCap":"true"}"#);
    assert!(plan(&[("channels", &words)]).asks_contact_policy);
    assert!(!plan(&[("channels", &policy("null"))]).asks_contact_policy);
    let bad = |object: &str, path: &str| check("channels", &policy(object), path);
    bad("[]", "channels.contactPolicy");
    bad("{}", "channels.contactPolicy");
    bad(r#"{"contactPolicyGroup":"g","channelCheckConsent":false}"#, "channels.contactPolicy");
    bad(r#"{"channelCheckConsent":true}"#, "channels.contactPolicy.contactPolicyGroup");
    bad(
        r#"{"contactPolicyGroup":"g","channelCheckConsent":1}"#,
        "channels.contactPolicy.channelCheckConsent",
    );
}

#[test]
fn members_of_later_versions_are_checked_and_have_no_effect() {
    let plain = plan(&[]);
    let same = |name: &str, value: &str| assert_eq!(plan(&[(name, value)]), plain, "{name} {value}");
    same(
        "options",
        r#"{"domain":"x.example","trackClicks":"true","shortenLinks":false,"tag1":"a","allowFallbackURL":true}"#,
    );
    same("icmessage", r#""true""#);
    same("gtrId", r#"["a"]"#);
    same("conversationid", r#""c-1""#);
    same("unknown", r#"{"deep":[{}]}"#);
    check("options", "[]", "options");
    check("options", r#"{"trackClicks":true}"#, "options.domain");
    check("options", r#"{"domain":"x","trackClicks":1}"#, "options.trackClicks");
    check("options", r#"{"domain":"x","tag2":{}}"#, "options.tag2");
    check("options", r#"{"domain":"x","allowFallbackURL":[]}"#, "options.allowFallbackURL");
    check("icmessage", "{}", "icmessage");
    check("gtrId", r#""a""#, "gtrId");
    check("gtrId", r#"["a","b"]"#, "gtrId");
    check("gtrId", "[{}]", "gtrId[0]");
    check("conversationid", "{}", "conversationid");
}

#[test]
fn a_conversation_is_kept_with_the_block_of_a_channel_that_has_one() {
    let read = plan(&[
        ("deliverychannel", r#""fb""#),
        ("channels", r#"{"OTT-Messaging":{"fb":{"text":"Hi"}}}"#),
        ("conversationid", "12"),
    ]);
    assert_eq!(read.content, Content::Block(serde_json::json!({"text": "Hi", "conversationid": "12"})));
}
