//! Who may call (spec 2.2).

use axum::http::HeaderValue;
use serde_json::{Value, json};
use waypost_services::records::application;
use waypost_services::rules::token::{Claims, sign};

use crate::support::{World, refused, request};

const PATH: &str = "/api/v1/whoami";

#[tokio::test]
async fn a_key_is_asked_for_before_a_token() {
    let world = World::new().await;
    for (drop, codes, field) in [("api-key", "603001", "api-key"), ("app-jwt", "603004", "app-jwt")] {
        let mut request = request(&world.key, "GET", PATH, Value::Null);
        request.headers_mut().remove(drop);
        assert_eq!(world.send(request).await.refusal(), refused(401, codes, field));
    }
}

#[tokio::test]
async fn the_answer_to_a_stranger_is_whole() {
    let world = World::new().await;
    let mut request = request(&world.key, "GET", PATH, Value::Null);
    request.headers_mut().insert("api-key", HeaderValue::from_static("00000000000000000000000000000000"));
    let answer = world.send(request).await;
    assert_eq!(answer.http, 401);
    assert_eq!(
        answer.json(),
        json!({
            "Message": "API-key validation failed",
            "MtapiStatus": [{"Code": 603_004, "Name": "ApiKeyValidationKeyFailed", "Message": "API-key validation failed"}],
            "Detail": {
                "Field": "api-key",
                "Rule": "a current key of an application, with the token made for it",
                "Remedy": waypost_status::MtapiCode::ApiKeyValidationKeyFailed.entry().remedy,
            },
        })
    );
}

#[tokio::test]
async fn a_token_fits_its_own_key_only_and_no_scheme_stands_before_it() {
    let world = World::new().await;
    let with = |token: String| {
        let mut request = request(&world.key, "GET", PATH, Value::Null);
        request.headers_mut().insert("app-jwt", token.parse().unwrap());
        request
    };
    for token in [world.bound.app_jwt.clone(), format!("Bearer {}", world.key.app_jwt), "x.y.z".to_owned()] {
        assert_eq!(world.send(with(token)).await.refusal(), refused(401, "603004", "api-key"));
    }
    let forged = Claims {
        nameid: "PORTAL".to_owned(),
        unique_name: "PORTAL application".to_owned(),
        role: "User".to_owned(),
        correlation_key: world.key.api_key[20..].to_owned(),
        nbf: 0,
        exp: i64::MAX,
        iat: 0,
        iss: "me".to_owned(),
        aud: "you".to_owned(),
    };
    let forged = sign(&forged, b"a secret of somebody else").unwrap();
    assert_eq!(world.send(with(forged)).await.refusal(), refused(401, "603004", "api-key"));
}

#[tokio::test]
async fn a_token_ends_after_730_days() {
    let world = World::new().await;
    world.clock.advance_ms(730 * 86_400_000 - 1);
    assert_eq!(world.get(PATH).await.http, 200);
    world.clock.advance_ms(1);
    assert_eq!(world.get(PATH).await.refusal(), refused(401, "603004", "api-key"));
}

#[tokio::test]
async fn a_revoked_key_and_a_suspended_application_are_refused_at_once() {
    let world = World::new().await;
    let key = world.bound.id;
    world.operate(move |tx, scope| application::revoke_key(tx, scope, key)).await;
    let answer = world.call_as(&world.bound, "GET", PATH, Value::Null).await;
    assert_eq!(answer.refusal(), refused(401, "603004", "api-key"));
    world
        .operate(|tx, scope| {
            let mut application = application::by_slug(tx, scope, "PORTAL")?;
            application.is_live = false;
            application::update(tx, scope, &application)
        })
        .await;
    assert_eq!(world.get(PATH).await.refusal(), refused(403, "901006", "api-key"));
}

#[tokio::test]
async fn a_token_without_a_name_is_no_application() {
    let world = World::new().await;
    let made = world
        .operate(|tx, scope| {
            let mut application = application::by_slug(tx, scope, "PORTAL")?;
            tx.exec(
                "UPDATE sd_application SET slug = '', name_en = '' WHERE id = ?1",
                &[application.id.into()],
            )?;
            (application.slug, application.name_en) = (String::new(), String::new());
            let master = waypost_store::seal::MasterKey::from_bytes([7; 32]);
            let issuer = application::Issuer { issuer: "me", audience: "you", master: &master };
            application::create_key(tx, scope, &application, &issuer)
        })
        .await;
    let answer = world.call_as(&made, "GET", PATH, Value::Null).await;
    assert_eq!((answer.http.as_u16(), answer.codes().as_str()), (401, "901006"));
    assert_eq!(answer.json()["MtapiStatus"][0]["Name"], "ApplicationNameNotAvailable");
}

#[tokio::test]
async fn the_current_user_must_be_a_number_and_a_person() {
    let world = World::new().await;
    for odd in ["x", "0", "-1", "99999999999"] {
        let mut request = request(&world.key, "GET", PATH, Value::Null);
        request.headers_mut().insert("current-user-id", odd.parse().unwrap());
        assert_eq!(world.send(request).await.refusal(), refused(401, "901007", "current-user-id"), "{odd}");
    }
    let answer = world.call_by(4711, "GET", PATH, Value::Null).await;
    assert_eq!(answer.refusal(), refused(403, "901005", "current-user-id"));
    assert_eq!(answer.json()["MtapiStatus"][0]["Name"], "UserIdNotBelongingToApplication");
    assert_eq!(world.call_by(world.user, "GET", PATH, Value::Null).await.http, 200);
}
