use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::Value;

use crate::support::Server;

fn document() -> Value {
    serde_json::to_value(waypost_messaging::openapi()).unwrap()
}

#[test]
fn the_document_describes_both_endpoints_with_every_code() {
    insta::assert_json_snapshot!("openapi", document());
}

/// A route without its slash at the end, and by its present version.
fn canonical(route: &str) -> String {
    let route = route.strip_suffix('/').unwrap_or(route);
    let is_old = ["customerprofile", "customerappprofile", "profile/"]
        .iter()
        .any(|name| route.starts_with(&format!("/resources/v1/{name}")));
    if is_old { route.replacen("/v1/", "/v2/", 1) } else { route.to_owned() }
}

#[test]
fn the_document_has_every_path_of_the_router_and_no_other() {
    let served: BTreeSet<String> = Server::new().paths().iter().map(|route| canonical(route)).collect();
    let document = document();
    let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, served);
}

#[tokio::test]
async fn the_document_has_every_method_of_a_path_and_no_other() {
    let server = Server::new();
    for (path, operations) in document()["paths"].as_object().unwrap() {
        let described: BTreeSet<String> =
            operations.as_object().unwrap().keys().map(|name| name.to_uppercase()).collect();
        let example = path.replace(['{', '}'], "");
        let request = Request::builder().method(Method::PATCH).uri(example).body(Body::empty()).unwrap();
        let answer = server.call(request).await;
        assert_eq!(answer.http, 405, "{path}");
        let allow = answer.headers["allow"].to_str().unwrap();
        let served: BTreeSet<String> =
            allow.split(',').filter(|name| *name != "HEAD").map(str::to_owned).collect();
        assert_eq!(described, served, "{path}");
    }
}
