//! Answers.

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use waypost_core::id::TransactionRef;
use waypost_status::Api;
use waypost_status::proof::{observed, record_env};

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub http: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The body with every UUID of ours replaced by `<id>`, its suffix kept.
    pub fn masked(&self) -> Value {
        let mut body = self.json();
        for element in elements_mut(&mut body["response"]) {
            let transid = element["transid"].as_str().unwrap();
            let read: TransactionRef = transid.parse().unwrap();
            assert!(read.transid.first_id().is_some(), "not one of our ids: {transid}");
            element["transid"] = json!(format!("<id>{}", &transid[36..]));
        }
        body
    }

    /// Code and description of a refused request.
    pub fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body["response"][name].as_str().unwrap_or_default().to_owned();
        (self.http.as_u16(), text("code"), text("description"))
    }

    /// The elements of an array answer as `code description transid correlationid`.
    pub fn units(&self) -> Vec<String> {
        let body = self.masked();
        let text = |unit: &Value, name: &str| unit[name].as_str().unwrap_or("-").to_owned();
        let line = |unit: &Value| {
            ["code", "description", "transid", "correlationid"].map(|name| text(unit, name)).join(" | ")
        };
        body["response"].as_array().unwrap_or_else(|| panic!("{body}")).iter().map(line).collect()
    }

    /// Every answer of every test: the code is in the catalogue with this text, and is recorded as seen.
    pub fn prove(&self, api: Api) {
        let Ok(mut body) = serde_json::from_str::<Value>(&self.body) else {
            // A webhook is answered in the provider's words.
            assert!(self.body.is_empty() || api == Api::Event, "neither empty nor JSON: {}", self.body);
            return;
        };
        // Records of a look-up say what became of messages, not what this answer is.
        let Some(response) = body.get_mut("response") else { return };
        for element in elements_mut(response) {
            let code: u16 = element["code"].as_str().unwrap().parse().unwrap();
            let text = element["description"].as_str().unwrap();
            let text = match text.strip_suffix(" in burst mode") {
                // The list prints the row of events as `Queues`.
                Some("Queued") if api == Api::Event => "Queues",
                Some(text) => text,
                None => text,
            };
            // A webhook that is too long has the code of a message that is.
            let key = observed(api, code, text).or_else(|| observed(Api::Messaging, code, text));
            let key = key.unwrap_or_else(|| panic!("not in the catalogue: {}", self.body));
            record_env(&key).unwrap();
        }
    }

    /// Status line, headers that matter and body, for snapshots.
    pub fn shown(&self) -> String {
        let mut lines = vec![format!("HTTP {}", self.http.as_u16())];
        for name in ["content-type", "allow", "retry-after"] {
            lines.extend(self.headers.get(name).map(|value| format!("{name}: {}", value.to_str().unwrap())));
        }
        lines.push(if self.body.is_empty() { "(no body)".into() } else { self.masked().to_string() });
        lines.join("\n")
    }
}

fn elements_mut(response: &mut Value) -> Vec<&mut Value> {
    match response {
        Value::Array(elements) => elements.iter_mut().collect(),
        Value::Object(_) => vec![response],
        _ => Vec::new(),
    }
}
