//! Bodies that are taken: the contract's worked ones, and one with each documented member.

use serde_json::{Map, Value};

use crate::support::Server;

pub const BODIES: &str = include_str!("../../../bodies.json");

#[tokio::test]
async fn every_worked_body_and_every_documented_member_is_taken() {
    let server = Server::new();
    let bodies: Map<String, Value> = serde_json::from_str(BODIES).unwrap();
    assert_eq!(bodies.len(), 24);
    for (name, body) in bodies {
        let answer = server.post(body.to_string()).await;
        let units =
            answer.json()["response"].as_array().unwrap_or_else(|| panic!("{name}: {}", answer.body)).clone();
        assert_eq!(units.len(), body["destination"].as_array().unwrap().len(), "{name}");
        assert!(units.iter().all(|unit| unit["code"] == "1001"), "{name}: {}", answer.body);
        assert_eq!(server.kept().len(), 1, "{name}");
    }
}
