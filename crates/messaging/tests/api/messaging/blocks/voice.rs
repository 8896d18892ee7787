use serde_json::{Value, json};

use super::{check, on};

#[tokio::test]
async fn what_a_voice_request_is_refused_for() {
    let voice = |block: Value| on("voice", json!({"voice": block}));
    let either = "either param 'callflowid' or param 'media' is required";
    check(
        "voice",
        "channels.voice",
        vec![
            ("no block", on("voice", json!({})), 7003, "param 'voice' missing for channel voice", ""),
            ("no object", voice(json!("184")), 7004, "invalid value for param voice", ""),
            ("nothing to say", voice(json!({"cli": "1"})), 7003, either, ""),
            ("empty", voice(json!({"callflowid": "", "media": null})), 7003, either, ""),
            (
                "call flow",
                voice(json!({"callflowid": [], "media": "a"})),
                7004,
                "invalid value for param callflowid",
                ".callflowid",
            ),
            ("media", voice(json!({"media": true})), 7004, "invalid value for param media", ".media"),
            ("cli", voice(json!({"media": "a", "cli": {}})), 7004, "invalid value for param cli", ".cli"),
        ],
    )
    .await;
}
