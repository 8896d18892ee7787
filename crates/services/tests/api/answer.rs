//! What came back, and what it proves: every code of every answer of every test.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use waypost_services::api::{Verb, operations};
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

    /// The header `mtapistatus`.
    pub fn codes(&self) -> String {
        self.headers.get("mtapistatus").expect("mtapistatus").to_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// HTTP status, codes, and the member a refusal names.
    pub fn refusal(&self) -> (u16, String, String) {
        let field = self.json()["Detail"]["Field"].as_str().unwrap_or_default().to_owned();
        (self.http.as_u16(), self.codes(), field)
    }

    /// Every answer of every test: header and body name the same codes, each is in the catalogue with name and text.
    pub fn prove(&self, head: bool) {
        let codes = self.codes();
        if codes == "-1" {
            assert!(self.http.is_success(), "{} with -1", self.http);
            let key = observed(Api::Mtapi, -1, "No MTAPI status recorded (normal success)").unwrap();
            return record_env(&key).unwrap();
        }
        assert!(!self.http.is_success(), "{} with {codes}", self.http);
        if head {
            return codes.split(',').filter_map(headed).for_each(|key| record_env(&key).unwrap());
        }
        let body = self.json();
        let listed = body["MtapiStatus"].as_array().unwrap();
        let numbers: Vec<String> = listed.iter().map(|code| code["Code"].to_string()).collect();
        assert_eq!(numbers.join(","), codes);
        assert_eq!(body["Message"], listed[0]["Message"]);
        assert!(body["Detail"]["Rule"].is_string() && body["Detail"]["Remedy"].is_string(), "{body}");
        for code in listed {
            let (number, text) = (code["Code"].as_i64().unwrap(), code["Message"].as_str().unwrap());
            let key = named(number, code["Name"].as_str().unwrap(), text);
            record_env(&key).unwrap();
        }
    }
}

/// Colliding numbers are told apart by name (spec 3.21).
fn named(code: i64, name: &str, text: &str) -> String {
    let fits = waypost_status::CATALOGUE.iter().find(|entry| {
        entry.api == Api::Mtapi && entry.code == code && entry.name == name && entry.message == text
    });
    fits.unwrap_or_else(|| panic!("{code} {name} `{text}` is not in the catalogue")).key()
}

/// An answer to HEAD has no body that names its codes: one of several entries with a number proves the operation's own, if any.
fn headed(number: &str) -> Option<String> {
    let own = |entry: &&waypost_status::Entry| entry.api == Api::Mtapi && entry.code_text == number;
    let mut entries = waypost_status::CATALOGUE.iter().filter(own);
    let (first, more) = (entries.next().expect("a code of the catalogue"), entries.next());
    let fails = operations().filter(|row| row.method == Verb::Head).filter_map(|row| row.fails);
    match more {
        None => Some(first.key()),
        Some(_) => fails.map(|code| code.entry()).find(own).map(|entry| entry.key()),
    }
}

/// A refusal's three parts, to compare with.
pub fn refused(http: u16, codes: &str, field: &str) -> (u16, String, String) {
    (http, codes.to_owned(), field.to_owned())
}
