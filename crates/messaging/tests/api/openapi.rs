#[test]
fn the_document_describes_both_endpoints_with_every_code() {
    let document = serde_json::to_value(waypost_messaging::openapi()).unwrap();
    insta::assert_json_snapshot!("openapi", document);
}
