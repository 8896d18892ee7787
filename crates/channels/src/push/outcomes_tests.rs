use super::*;

const NEVER: Outcome =
    Outcome { code: 0, retry: Retry::Never, is_failing: false, is_dead: false, renews: false };

const fn never(code: u16) -> Outcome {
    Outcome { code, ..NEVER }
}

const fn dead(code: u16) -> Outcome {
    Outcome { code, is_dead: true, ..NEVER }
}

const fn renewed(code: u16) -> Outcome {
    Outcome { code, renews: true, ..NEVER }
}

const fn throttled(code: u16) -> Outcome {
    Outcome { code, retry: Retry::Later, ..NEVER }
}

const fn failing(code: u16) -> Outcome {
    Outcome { code, retry: Retry::Later, is_failing: true, ..NEVER }
}

fn of(provider: Provider, http: u16, error: &str, text: &str) -> Outcome {
    Outcomes::built_in().of(provider, &Refusal { http, error, text })
}

#[test]
fn the_built_in_table_is_read() {
    assert_eq!(&Outcomes::parse(BUILT_IN).unwrap(), Outcomes::built_in());
}

/// Every value of FCM's `ErrorCode`, and the status words that come without one.
#[test]
fn every_error_of_fcm_means_what_is_documented() {
    let token = "The registration token is not a valid FCM registration token";
    let table = [
        (400, "UNSPECIFIED_ERROR", "", never(7518)),
        (400, "INVALID_ARGUMENT", "", never(7518)),
        (400, "INVALID_ARGUMENT", "Invalid data key; message.data[0].key", never(7518)),
        (400, "INVALID_ARGUMENT", token, never(7512)),
        (400, "INVALID_ARGUMENT", "Invalid value; message.token", never(7512)),
        (400, "INVALID_ARGUMENT", "Android message is too big", never(7505)),
        (400, "INVALID_ARGUMENT", "Invalid; message.android.ttl; Invalid ttl value", never(7506)),
        (404, "UNREGISTERED", "Requested entity was not found.", dead(7513)),
        (403, "SENDER_ID_MISMATCH", "SenderId mismatch", never(7512)),
        (429, "QUOTA_EXCEEDED", "Message rate exceeded", throttled(7507)),
        (429, "QUOTA_EXCEEDED", "Quota exceeded; Device Message Rate Exceeded", throttled(7509)),
        (503, "UNAVAILABLE", "", failing(7508)),
        (500, "INTERNAL", "", failing(7508)),
        (401, "THIRD_PARTY_AUTH_ERROR", "", never(7504)),
        (401, "UNAUTHENTICATED", "", renewed(7504)),
        (403, "PERMISSION_DENIED", "", never(7504)),
        (404, "NOT_FOUND", "", never(7504)),
        (429, "RESOURCE_EXHAUSTED", "", throttled(7507)),
        (504, "DEADLINE_EXCEEDED", "", failing(7508)),
        (401, "", "", renewed(7504)),
        (403, "", "<html>", never(7504)),
        (429, "", "", throttled(7507)),
        (502, "", "", failing(7508)),
        (503, "A_NEW_ERROR", "", failing(7508)),
        (400, "A_NEW_ERROR", "", never(7518)),
        (404, "", "", never(7518)),
    ];
    for (http, error, text, expected) in table {
        assert_eq!(of(Provider::Fcm, http, error, text), expected, "{http} {error} {text}");
    }
}

#[test]
fn every_error_of_the_token_server_means_what_is_documented() {
    let refusals = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "access_denied",
    ];
    for error in refusals {
        assert_eq!(of(Provider::OAuth, 400, error, ""), never(7504), "{error}");
    }
    let table = [
        (500, "internal_failure", failing(7508)),
        (503, "", failing(7508)),
        (429, "", throttled(7507)),
        (401, "", never(7504)),
        (403, "", never(7504)),
        (404, "", never(7518)),
    ];
    for (http, error, expected) in table {
        assert_eq!(of(Provider::OAuth, http, error, ""), expected, "{http} {error}");
    }
}

/// Every reason of Apple's page "Handling notification responses from APNs".
#[test]
fn every_reason_of_apns_means_what_is_documented() {
    let table = [
        (400, "BadCollapseId", never(7518)),
        (400, "BadDeviceToken", never(7512)),
        (400, "BadExpirationDate", never(7511)),
        (400, "BadMessageId", never(7518)),
        (400, "BadPriority", never(7518)),
        (400, "BadTopic", never(7515)),
        (400, "DeviceTokenNotForTopic", never(7512)),
        (400, "DuplicateHeaders", never(7518)),
        (400, "IdleTimeout", throttled(7517)),
        (400, "InvalidPushType", never(7518)),
        (400, "MissingDeviceToken", never(7512)),
        (400, "MissingTopic", never(7515)),
        (400, "PayloadEmpty", never(7518)),
        (400, "TopicDisallowed", never(7515)),
        (403, "BadCertificate", never(7515)),
        (403, "BadCertificateEnvironment", never(7514)),
        (403, "BadEnvironmentKeyIdInToken", never(7514)),
        (403, "BadEnvironmentKeyInToken", never(7514)),
        (403, "ExpiredProviderToken", renewed(7515)),
        (403, "Forbidden", never(7515)),
        (403, "InvalidProviderToken", never(7515)),
        (403, "MissingProviderToken", never(7515)),
        (403, "UnrelatedKeyIdInToken", never(7515)),
        (404, "BadPath", never(7512)),
        (405, "MethodNotAllowed", never(7518)),
        (410, "ExpiredToken", dead(7513)),
        (410, "Unregistered", dead(7513)),
        (413, "PayloadTooLarge", never(7510)),
        (429, "TooManyProviderTokenUpdates", throttled(7517)),
        (429, "TooManyRequests", throttled(7516)),
        (500, "InternalServerError", failing(7517)),
        (503, "ServiceUnavailable", failing(7517)),
        (503, "Shutdown", failing(7517)),
    ];
    for (http, reason, expected) in table {
        assert_eq!(of(Provider::Apns, http, reason, ""), expected, "{reason}");
        let row = Outcomes::built_in().rows(Provider::Apns).iter().find(|row| row.error == reason);
        assert_eq!(row.unwrap().http, http, "{reason}");
    }
    let named = |row: &&Row| !row.error.starts_with("HTTP ");
    assert_eq!(Outcomes::built_in().rows(Provider::Apns).iter().filter(named).count(), table.len());
    assert_eq!(of(Provider::Apns, 400, "ANewReason", ""), never(7518));
    assert_eq!(of(Provider::Apns, 500, "ANewReason", ""), failing(7517));
    assert_eq!(of(Provider::Apns, 429, "", ""), throttled(7516));
}

#[test]
fn every_status_of_a_push_service_means_what_is_documented() {
    let table = [
        (400, never(7212)),
        (401, renewed(7504)),
        (403, never(7504)),
        (404, dead(7213)),
        (405, never(7518)),
        (410, dead(7213)),
        (413, never(7505)),
        (429, throttled(7507)),
        (500, failing(7214)),
        (502, failing(7214)),
        (503, failing(7214)),
        (504, failing(7214)),
        (301, never(7518)),
    ];
    for (http, expected) in table {
        assert_eq!(of(Provider::WebPush, http, "", "whatever"), expected, "{http}");
    }
}

#[test]
fn every_push_code_of_a_provider_can_be_brought_about_by_one() {
    let table = [
        (Provider::Fcm, &[7504, 7505, 7506, 7507, 7508, 7509, 7512, 7513, 7518][..]),
        (Provider::Apns, &[7510, 7511, 7512, 7513, 7514, 7515, 7516, 7517, 7518]),
        (Provider::WebPush, &[7212, 7213, 7214, 7504, 7505, 7507]),
    ];
    for (provider, codes) in table {
        for code in codes {
            let row = Outcomes::built_in().row_for_code(provider, *code);
            assert!(row.is_some(), "{} {code}", provider.word());
        }
        for code in (7000..8000).filter(|code| !codes.contains(code)) {
            assert_eq!(Outcomes::built_in().row_for_code(provider, code), None, "{code}");
        }
    }
}

/// What a simulator says by a row must be read back as that row.
#[test]
fn every_row_can_be_reached_by_what_it_says_itself() {
    for provider in [Provider::Fcm, Provider::OAuth, Provider::Apns, Provider::WebPush] {
        for row in Outcomes::built_in().rows(provider) {
            let parts = [row.text.as_deref(), row.field.as_deref()];
            let text: Vec<&str> = parts.into_iter().flatten().collect();
            let error = if row.error.starts_with("HTTP ") { "" } else { &row.error };
            assert_eq!(of(provider, row.http, error, &text.join("; ")), row.outcome(), "{row:?}");
        }
    }
}

#[test]
fn a_row_that_could_never_be_taken_is_refused() {
    let row = "[[fcm]]\nerror=\"A\"\nhttp=400\ncode=7518\nretry=\"never\"\n";
    let rest = "[[oauth]]\nerror=\"A\"\nhttp=400\ncode=1\nretry=\"later\"\n";
    let rest = format!("{rest}{}{}", rest.replace("oauth", "apns"), rest.replace("oauth", "web_push"));
    assert!(Outcomes::parse(&format!("{row}{rest}")).is_ok());
    let twice = Outcomes::parse(&format!("{row}{row}{rest}"));
    assert_eq!(twice.unwrap_err().to_string(), "the table of push outcomes names A twice");
    for bad in ["x", "[[fcm]]\nerror=\"A\"", &format!("{row}{rest}colour=\"red\"")] {
        assert!(matches!(Outcomes::parse(bad), Err(OutcomesError::Syntax(_))), "{bad}");
    }
}
