//! The document and the page that shows it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use waypost_services::api::operations;

use crate::document::DOCUMENT;
use crate::support::World;

/// Each operation of the document: path, method, what it says.
fn described() -> Vec<(&'static str, &'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of = |(path, item): (&'static String, &'static Value)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, own)| (path.as_str(), method.as_str(), own)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[test]
fn the_document_has_every_operation_once_and_no_other() {
    let own: BTreeSet<_> =
        described().iter().map(|(path, method, _)| format!("{} {path}", method.to_uppercase())).collect();
    let rows: BTreeSet<_> = operations().map(|row| format!("{} {}", row.method.name(), row.path)).collect();
    assert_eq!(own, rows);
    let ids: BTreeSet<_> =
        described().iter().map(|(_, _, own)| own["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rows.len(), "two operations have one id");
}

#[tokio::test]
async fn the_document_has_every_path_of_the_router_and_no_other() {
    let world = World::new().await;
    let served: BTreeSet<String> =
        world.paths().into_iter().filter(|path| path.starts_with("/api/")).collect();
    let catch_all = |path: &&String| !path.contains("{*") && !["/api/v1", "/api/v2"].contains(&path.as_str());
    let served: BTreeSet<_> = served.iter().map(|path| path.trim_end_matches('/').to_owned()).collect();
    let served: BTreeSet<_> = served.iter().filter(catch_all).cloned().collect();
    let own: BTreeSet<_> = DOCUMENT["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(own, served);
}

#[tokio::test]
async fn the_document_has_every_method_of_a_path_and_no_other() {
    let world = World::new().await;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        let own: BTreeSet<String> =
            item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        let example = path.replace(['{', '}'], "");
        let request = Request::builder().method("PATCH").uri(example).body(Body::empty()).unwrap();
        let answer = world.send(request).await;
        assert_eq!((answer.http.as_u16(), answer.codes().as_str()), (405, "901002"), "{path}");
        let allowed: BTreeSet<_> = answer.header("allow").split(", ").map(str::to_owned).collect();
        assert_eq!(own, allowed, "{path}");
    }
}

fn references(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Array(list) => list.iter().for_each(|own| references(own, found)),
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|own| references(own, found));
        }
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_shape_is_used() {
    let mut found = BTreeSet::new();
    references(&DOCUMENT, &mut found);
    for reference in &found {
        assert!(DOCUMENT.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    for name in DOCUMENT["components"]["schemas"].as_object().unwrap().keys() {
        assert!(found.contains(&format!("#/components/schemas/{name}")), "{name} is used nowhere");
    }
}

fn name(schema: &Value) -> String {
    if let Some(choices) = schema["anyOf"].as_array() {
        return choices.iter().map(name).collect::<Vec<_>>().join("|");
    }
    match (schema["$ref"].as_str(), schema.get("items")) {
        (Some(reference), _) => reference.rsplit('/').next().unwrap().to_owned(),
        (None, Some(items)) => name(items) + "[]",
        (None, None) => schema["type"].as_str().unwrap_or("content").to_owned(),
    }
}

/// One line per operation, so that a change of the contract is a change of a line.
#[test]
fn the_contract_in_one_line_per_operation() {
    let mut text = String::new();
    for (path, method, own) in described() {
        write!(text, "{} {path}", method.to_uppercase()).unwrap();
        for parameter in own["parameters"].as_array().unwrap() {
            let Some(name) = parameter["name"].as_str().filter(|_| parameter["in"] == "query") else {
                continue;
            };
            let optional = if parameter["required"] == true { "" } else { "?" };
            write!(text, " {name}{optional}").unwrap();
        }
        if let Some(body) = own.get("requestBody") {
            write!(text, " <- {}", name(&body["content"]["application/json"]["schema"])).unwrap();
        }
        let answer = &own["responses"]["200"]["content"]["application/json"]["schema"];
        let answer = if answer.is_null() { "nothing".to_owned() } else { name(answer) };
        let refused: Vec<_> =
            own["responses"].as_object().unwrap().keys().skip(1).map(String::as_str).collect();
        writeln!(text, " -> {answer}; {}", refused.join(" ")).unwrap();
    }
    insta::assert_snapshot!("contract", text);
}

#[tokio::test]
async fn document_and_page_are_served_without_a_key_and_load_nothing_from_elsewhere() {
    let world = World::new().await;
    let page = async |path: &str| {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let (head, body) = world.bytes(request).await;
        let header = |name: &str| {
            head.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let text = String::from_utf8(body).unwrap();
        (
            head.status.as_u16(),
            header("content-type"),
            header("content-security-policy"),
            header("location"),
            text,
        )
    };
    let (status, kind, policy, _, text) = page("/swagger/docs/v1").await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), *DOCUMENT);
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    for (path, kind) in [("index", "text/html"), ("style.css", "text/css"), ("page.js", "text/javascript")] {
        let (status, own, policy, _, text) = page(&format!("/swagger/ui/{path}")).await;
        assert_eq!((status, own), (200, format!("{kind}; charset=utf-8")), "{path}");
        assert!(policy.contains("connect-src 'self'"), "{policy}");
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} names another host");
    }
    for (path, target) in [
        ("/swagger", "swagger/ui/index"),
        ("/swagger/", "ui/index"),
        ("/swagger/ui", "ui/index"),
        ("/swagger/ui/", "index"),
    ] {
        let (status, _, _, location, text) = page(path).await;
        assert_eq!((status, location.as_str(), text.as_str()), (302, target, ""), "{path}");
    }
}
