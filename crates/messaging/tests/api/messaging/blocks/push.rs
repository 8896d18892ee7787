use serde_json::{Value, json};

use super::{Row, check, on};

fn push(block: Value) -> Value {
    on("push", json!({"push": block}))
}

fn android(extras: Value) -> Value {
    push(json!({"android": {"text": "a", "extras": extras}}))
}

fn ios(extras: Value) -> Value {
    push(json!({"ios": {"text": "a", "extras": extras}}))
}

fn web(block: Value) -> Value {
    push(json!({"web": block}))
}

#[tokio::test]
async fn what_a_push_request_is_refused_for() {
    const FIVE: &str = "invalid value for param 'priority', it should be one of [1,2,3,4,5]";
    const PLATFORM: &str = "either android or ios information is mandatory for push channel";
    let rows: Vec<Row> = vec![
        ("no block", on("push", json!({})), 7003, "param 'push' missing for push channel", ""),
        ("no object", push(json!([])), 7004, "invalid value for param push", ""),
        ("no platform", push(json!({"android": null})), 7003, PLATFORM, ""),
        (
            "android no object",
            push(json!({"android": "a"})),
            7004,
            "invalid value for param android",
            ".android",
        ),
        (
            "android without text",
            push(json!({"android": {}, "ios": {}})),
            7003,
            "param 'text' is missing for android",
            ".android.text",
        ),
        (
            "ios without text",
            push(json!({"android": {"text": "a"}, "ios": {"text": ""}})),
            7003,
            "param 'text' is missing for ios",
            ".ios.text",
        ),
        (
            "web without text",
            web(json!({"url": "https://x.example"})),
            7003,
            "param 'text' missing",
            ".web.text",
        ),
        (
            "android text",
            push(json!({"android": {"text": ["a"]}})),
            7004,
            "invalid value for param text",
            ".android.text",
        ),
        (
            "title",
            push(json!({"ios": {"text": "a", "title": {}}})),
            7004,
            "invalid value for param title",
            ".ios.title",
        ),
        ("priority", push(json!({"android": {"text": "a", "priority": 6}})), 7004, FIVE, ".android.priority"),
        (
            "priority 0",
            push(json!({"android": {"text": "a", "priority": "0"}})),
            7004,
            FIVE,
            ".android.priority",
        ),
        (
            "priority 1.0",
            push(json!({"android": {"text": "a", "priority": 1.0}})),
            7004,
            FIVE,
            ".android.priority",
        ),
        ("extras", android(json!("x")), 7004, "invalid value for param extras", ".android.extras"),
        (
            "collapse key",
            android(json!({"collapse_key": {}})),
            7004,
            "invalid value for param collapse_key",
            ".android.extras.collapse_key",
        ),
        (
            "time to live",
            android(json!({"time_to_live": "soon"})),
            7004,
            "invalid value for param time_to_live",
            ".android.extras.time_to_live",
        ),
        (
            "time to live 1.5",
            ios(json!({"time_to_live": 1.5})),
            7004,
            "invalid value for param time_to_live",
            ".ios.extras.time_to_live",
        ),
        (
            "custom tags",
            android(json!({"customtags": []})),
            7004,
            "invalid value for param customtags",
            ".android.extras.customtags",
        ),
        (
            "custom tag",
            android(json!({"customtags": {"a": {}}})),
            7004,
            "invalid value for param customtags",
            ".android.extras.customtags.a",
        ),
        (
            "icon",
            android(json!({"iconurl": "icon.png"})),
            7004,
            "invalid value for param iconurl",
            ".android.extras.iconurl",
        ),
        (
            "idle",
            android(json!({"delay_while_idle": 7})),
            7004,
            "invalid value for param delay_while_idle",
            ".android.extras.delay_while_idle",
        ),
        ("badge", ios(json!({"badge": {}})), 7004, "invalid value for param badge", ".ios.extras.badge"),
        (
            "attachment",
            ios(json!({"attachmenturl": "ftp://x.example/a"})),
            7004,
            "invalid value for param attachmenturl",
            ".ios.extras.attachmenturl",
        ),
        (
            "url",
            web(json!({"text": "a", "url": "x.example"})),
            7004,
            "invalid value for param url",
            ".web.url",
        ),
        (
            "browser",
            web(json!({"text": "a", "platform_types": ["chrome", "opera"]})),
            7004,
            "invalid value for param platform_types",
            ".web.platform_types[1]",
        ),
        (
            "browsers",
            web(json!({"text": "a", "platform_types": "chrome"})),
            7004,
            "invalid value for param platform_types",
            ".web.platform_types",
        ),
        (
            "misspelt browser",
            web(json!({"text": "a", "platorm_types": [1]})),
            7004,
            "invalid value for param platorm_types",
            ".web.platorm_types[0]",
        ),
        (
            "action text",
            web(json!({"text": "a", "actiontext": []})),
            7004,
            "invalid value for param actiontext",
            ".web.actiontext",
        ),
    ];
    check("push", "channels.push", rows).await;
}

#[tokio::test]
async fn what_the_tap_on_a_push_is_refused_for() {
    const ACTION: &str = "invalid value of param action or action is invalid for this channel";
    const MISSING: &str = "mandatory param value missing for action OPEN_URL";
    let tap = |action: Value| android(json!({"notificationaction": action}));
    let rows: Vec<Row> = vec![
        (
            "no object",
            tap(json!("OPEN_APP")),
            7004,
            "invalid value for param notificationaction",
            ".android.extras.notificationaction",
        ),
        (
            "action",
            tap(json!({"action": "DISMISS"})),
            7004,
            ACTION,
            ".android.extras.notificationaction.action",
        ),
        (
            "no value",
            tap(json!({"action": "OPEN_URL"})),
            7003,
            MISSING,
            ".android.extras.notificationaction.value",
        ),
        (
            "bad link",
            ios(json!({"notificationaction": {"action": "DEEPLINK", "value": "open"}})),
            7004,
            "invalid value of param value, specified value is invalid for action DEEPLINK",
            ".ios.extras.notificationaction.value",
        ),
    ];
    check("tap", "channels.push", rows).await;
}

/// The rows of buttons in a body that `body` makes.
pub fn of_buttons(body: impl Fn(Value) -> Value) -> Vec<Row> {
    let two = |actions: Value| {
        body(json!({"category": "DOUBLE_SHOPNOW_CANCEL", "device_types": ["ios"], "actions": actions}))
    };
    let one = |action: Value| two(json!([{"pos": 2}, action]));
    let of = |devices: Value| body(json!({"category": "X", "device_types": devices, "actions": [{}]}));
    vec![
        ("no object", body(json!("X")), 7004, "invalid value for param interactive", ""),
        ("category", body(json!({"category": ""})), 7003, "mandatory param category missing", ".category"),
        (
            "actions",
            body(json!({"category": "X", "actions": {}})),
            7003,
            "mandatory param actions missing",
            ".actions",
        ),
        (
            "no actions",
            body(json!({"category": "X", "actions": []})),
            7003,
            "mandatory param actions missing",
            ".actions",
        ),
        ("devices", of(json!("ios")), 7004, "invalid value for param device_types", ".device_types"),
        (
            "device",
            of(json!(["ios", "mac"])),
            7004,
            "invalid device type mac, only ios or android is allowed",
            ".device_types[1]",
        ),
        (
            "device 7",
            of(json!([7])),
            7004,
            "invalid device type 7, only ios or android is allowed",
            ".device_types[0]",
        ),
        (
            "device twice",
            of(json!(["ios", "android", "ios"])),
            7004,
            "duplicate device type ios",
            ".device_types[2]",
        ),
        (
            "category X",
            of(json!(["ios"])),
            7004,
            "Invalid value of param category or no identifiers mapped to this category",
            ".category",
        ),
        (
            "one of two",
            two(json!([{}])),
            7004,
            "Invalid number of actions, expected actions size 2, but found 1",
            ".actions",
        ),
        ("no pos", one(json!({})), 7003, "mandatory param pos missing", ".actions[1].pos"),
        ("no action at all", one(json!(7)), 7003, "mandatory param pos missing", ".actions[1].pos"),
        (
            "pos 3",
            one(json!({"pos": "3"})),
            7004,
            "Invalid value of param pos, only positions [1,2] are allowed for this category",
            ".actions[1].pos",
        ),
        (
            "pos 2 again",
            one(json!({"pos": 2})),
            7004,
            "invalid value of param pos, duplicate values for pos are not allowed",
            ".actions[1].pos",
        ),
        (
            "identifier elsewhere",
            one(json!({"pos": 1, "identifier": "CANCEL", "action": "X"})),
            7004,
            "no identifier found for this category and at this position",
            ".actions[1].identifier",
        ),
        (
            "action",
            one(json!({"pos": 1, "identifier": "X", "action": "X"})),
            7004,
            "invalid value of param action or action is invalid for this channel",
            ".actions[1].action",
        ),
        (
            "action 7",
            one(json!({"pos": 1, "action": 7})),
            7004,
            "invalid value of param action or action is invalid for this channel",
            ".actions[1].action",
        ),
        (
            "identifier",
            one(json!({"pos": 1, "identifier": "X", "action": "SHARE"})),
            7004,
            "invalid identifier or no actions mapped for this identifier",
            ".actions[1].identifier",
        ),
        (
            "action of another",
            one(json!({"pos": 1, "action": "SHARE"})),
            7004,
            "invalid action for identifier SHOPNOW",
            ".actions[1].action",
        ),
        (
            "value",
            one(json!({"pos": 1, "action": "OPENWEBVIEW", "value": ""})),
            7003,
            "mandatory param value missing for action OPENWEBVIEW",
            ".actions[1].value",
        ),
        (
            "bad value",
            one(json!({"pos": 1, "action": "OPEN_URL", "value": " https://x.example"})),
            7004,
            "invalid value of param value, specified value is invalid for action OPEN_URL",
            ".actions[1].value",
        ),
        (
            "value 7",
            one(json!({"pos": 1, "action": "DEEPLINK", "value": 7})),
            7004,
            "invalid value of param value, specified value is invalid for action DEEPLINK",
            ".actions[1].value",
        ),
        (
            "reference",
            body(
                json!({"pushref": [], "category": "SINGLE_OPEN", "device_types": ["ios"], "actions": [{"pos": 1}]}),
            ),
            7004,
            "invalid value for param pushref",
            ".pushref",
        ),
    ]
}

#[tokio::test]
async fn what_the_buttons_of_a_push_are_refused_for() {
    let body = |buttons: Value| push(json!({"ios": {"text": "a"}, "interactive": buttons}));
    check("push_buttons", "channels.push.interactive", of_buttons(body)).await;
    let of = |action: Value| {
        body(json!({"category": "SINGLE_REPLY", "device_types": ["ios"], "actions": [action]}))
    };
    let rows: Vec<Row> = vec![
        (
            "no devices",
            body(json!({"category": "X", "actions": [{}]})),
            7003,
            "mandatory param device_types missing",
            ".device_types",
        ),
        (
            "pos 2 of one",
            of(json!({"pos": 2})),
            7004,
            "Invalid value of param pos, only positions [1] are allowed for this category",
            ".actions[0].pos",
        ),
        (
            "inline reply",
            of(json!({"pos": 1, "action": "INLINE_REPLY"})),
            7004,
            "invalid value of param action or action is invalid for this channel",
            ".actions[0].action",
        ),
        (
            "dismiss",
            of(json!({"pos": 1, "action": "DISMISS"})),
            7004,
            "invalid action for identifier REPLY",
            ".actions[0].action",
        ),
    ];
    check("push_buttons_only", "channels.push.interactive", rows).await;
}
