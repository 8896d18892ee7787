//! Good bodies and what is done to them.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

/// Every worked body of every channel: those that the messaging family's own tests take.
pub fn seeds() -> Vec<Value> {
    let bodies: Map<String, Value> =
        serde_json::from_str(include_str!("../../../../crates/messaging/tests/bodies.json")).unwrap();
    bodies.into_iter().map(|(_, body)| body).collect()
}

/// One change to a body.
#[derive(Clone, Debug)]
pub struct Mutation {
    place: Index,
    how: u8,
    with: Value,
}

/// What may stand where something else belongs.
pub fn value() -> impl Strategy<Value = Value> {
    let words = [
        "",
        " ",
        "0",
        "-1",
        "1",
        "5",
        "true",
        "NaN",
        "1e400",
        "sms",
        "wechat",
        "voice",
        "rt",
        "push",
        "fb",
        "ios",
        "android",
        "{{a}}",
        "{{",
        "\u{202e}\u{0}",
        "\u{1f9ff}",
        "2015-01-01T00:00:00Z",
        "2030-01-01T00:00:00+25:99",
        "https://[::1/",
        "javascript:alert(1)",
        "'; DROP TABLE message; --",
        "447700907204",
        "+",
        "%00",
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        Just(json!({})),
        Just(json!([])),
        Just(json!([[[[[[[[{"a": [null]}]]]]]]]])),
        Just(json!({"text": {"text": {"text": []}}})),
        (1_usize..2_000).prop_map(|n| Value::from("x".repeat(n * 3))),
        (1_usize..40).prop_map(|n| json!(vec!["447700900001"; n])),
    ]
}

impl Mutation {
    /// Any change.
    pub fn any() -> impl Strategy<Value = Self> {
        (any::<Index>(), 0_u8..8, value()).prop_map(|(place, how, with)| Self { place, how, with })
    }

    /// Makes it.
    pub fn apply(self, body: &mut Value) {
        let mut places = Vec::new();
        list(body, String::new(), &mut places);
        let Some(at) = (!places.is_empty()).then(|| self.place.get(&places)) else { return };
        let (parent, name) = at.rsplit_once('/').unwrap();
        let name = name.replace("~1", "/").replace("~0", "~");
        match body.pointer_mut(parent) {
            Some(Value::Object(members)) => self.member(members, name),
            Some(Value::Array(items)) => self.item(items),
            _ => {}
        }
    }

    fn member(self, members: &mut Map<String, Value>, name: String) {
        let kept = members.remove(&name).unwrap_or_default();
        match self.how {
            0 => {}
            1 => drop(members.insert(name.to_uppercase(), kept)),
            2 => drop(members.insert(name, json!([kept]))),
            3 => drop(members.insert(name, json!(kept.to_string()))),
            4 => drop(members.insert(name.clone(), json!({ name: kept }))),
            _ => drop(members.insert(name, self.with)),
        }
    }

    fn item(self, items: &mut Vec<Value>) {
        match self.how {
            0 => items.clear(),
            1 => items.reverse(),
            2 => {
                let copy = items.first().cloned().unwrap_or_default();
                items.extend(vec![copy; 12]);
            }
            _ => items.push(self.with),
        }
    }
}

/// Every place below the top, as a JSON pointer.
fn list(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                places.push(place.clone());
                list(inner, place, places);
            }
        }
        Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                let place = format!("{at}/{n}");
                places.push(place.clone());
                list(inner, place, places);
            }
        }
        _ => {}
    }
}

/// What happens to a body on its way: mostly nothing.
#[derive(Clone, Debug)]
pub enum Damage {
    None,
    /// It ends early.
    Cut(Index),
    /// A byte is another.
    Byte(Index, u8),
    /// Something follows.
    Tail(String),
}

impl Damage {
    /// Any damage.
    pub fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            12 => Just(Self::None),
            1 => any::<Index>().prop_map(Self::Cut),
            2 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Self::Byte(at, byte)),
            1 => "[ -~]{0,4}".prop_map(Self::Tail),
        ]
    }

    /// What comes out of a text.
    pub fn of(&self, text: String) -> Vec<u8> {
        self.of_bytes(text.into_bytes())
    }

    /// What comes out.
    pub fn of_bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::None => {}
            Self::Cut(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Self::Byte(at, byte) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Self::Byte(..) => {}
            Self::Tail(tail) => bytes.extend_from_slice(tail.as_bytes()),
        }
        bytes
    }
}

/// A record of the Profile API, nearly.
pub fn profile() -> impl Strategy<Value = Value> {
    let names = [
        "msisdn",
        "email",
        "status",
        "verified",
        "psid",
        "access_token",
        "access_token_expiry",
        "access_token_secret",
        "twitter_user_id",
        "screenName",
        "wechat_user_id",
        "rtmId",
        "deviceId",
        "connectStatus",
        "customerId",
        "own",
    ];
    let good =
        prop::sample::select(vec!["0", "1", "447700900001", "a@b.example", "2030-01-01 00:00:00", "x"]);
    let attribute = prop_oneof![2 => good.prop_map(Value::from), 1 => value()];
    let attributes = prop::collection::btree_map(prop::sample::select(names.to_vec()), attribute, 0..8);
    ("C[0-9]", attributes).prop_map(|(id, attributes)| json!({"customerId": id, "Attributes": attributes}))
}

/// The members of an object as elements, as they are: what stands in them may be no XML.
pub fn xml(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, inner)| format!("<{name}>{}</{name}>", xml(inner))).collect()
        }
        Value::Array(items) => items.iter().map(xml).collect(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A field of a form: name, file name, bytes.
pub type FormField = (String, Option<String>, Vec<u8>);

/// A field of an upload, nearly.
pub fn form_field() -> impl Strategy<Value = FormField> {
    let name =
        prop_oneof![3 => Just("media".to_owned()), 2 => Just("type".to_owned()), 1 => "[a-z\"\\\\]{0,5}"];
    let file_name = prop_oneof![2 => Just(None), 3 => "[a-zé.\u{202e}]{0,9}".prop_map(Some)];
    let bytes = prop_oneof![
        Just(b"\xff\xd8\xff\xe0picture".to_vec()),
        Just(b"\0\0\0\x18ftypmp42".to_vec()),
        Just(b"image".to_vec()),
        Just(b"film".to_vec()),
        prop::collection::vec(any::<u8>(), 0..60),
        Just(vec![7; 70_000]),
    ];
    (name, file_name, bytes)
}

/// The form.
pub fn form(fields: &[FormField], boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file_name, bytes) in fields {
        let file_name = file_name.as_ref().map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        let head =
            format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}
