//! Statuses, texts with placeholders, and looking codes up.

use waypost_status::{
    Api, CATALOGUE, Entry, EventCode, MessagingCode, MetadataPushCode, MtapiCode, ProfileCode, RealtimeCode,
    SEARCH_RESULTS_MAX, Status, TransactionStatusCode, VALUE_CHARS_MAX, explain, fill, find, lint, search,
};

fn keys(entries: &[&Entry]) -> Vec<String> {
    entries.iter().map(|entry| entry.key()).collect()
}

#[test]
fn a_status_carries_number_text_and_http_status_of_its_row() {
    let status = ProfileCode::CustomerNotFound.status();
    assert_eq!(
        (status.code(), status.code_str(), status.message(), status.http_status(), status.to_string()),
        (7014, "7014", "Customer not found", 200, "7014 Customer not found".to_owned())
    );
    assert_eq!(status.entry().key(), "profile/7014/customer-not-found");
    assert_eq!(Status::from(ProfileCode::CustomerNotFound), status);
}

#[test]
fn placeholders_are_filled_from_the_values() {
    for (status, message) in [
        (
            MessagingCode::ActionsCountInvalid.status_with(&[("expected", "2"), ("found", "3")]),
            "Invalid number of actions, expected actions size 2, but found 3",
        ),
        (
            MessagingCode::ActionPositionInvalid.status_with(&[("positions", "1,2")]),
            "Invalid value of param pos, only positions [1,2] are allowed for this category",
        ),
        (EventCode::ParamInvalid.status_with(&[("param", "evtid")]), "invalid value for param evtid"),
        (
            MetadataPushCode::RoomTypeNotFound.status_with(&[("code", "D'1")]),
            "Room type with code 'D'1' not found",
        ),
        (
            MetadataPushCode::RequiredFieldMissing.status_with(&[("field", "name")]),
            "required field name missing",
        ),
    ] {
        assert_eq!(status.message(), message);
    }
}

#[test]
fn a_text_with_placeholders_is_published_as_it_stands_when_there_are_no_values() {
    assert_eq!(
        MessagingCode::ActionValueMissing.status().message(),
        "mandatory param value missing for action xxx"
    );
    assert_eq!(MetadataPushCode::Success.status().message(), "message received successfully");
}

#[test]
fn a_value_is_inserted_once_and_cut_when_it_is_long() {
    assert_eq!(fill("a {x} b {y}", &[("x", "{y}"), ("y", "1")]), "a {y} b 1");
    assert_eq!(fill("a {x}", &[]), "a {x}");
    assert_eq!(fill("broken { brace", &[("x", "1")]), "broken { brace");
    let long = "é".repeat(VALUE_CHARS_MAX + 1);
    assert_eq!(fill("{x}", &[("x", &long)]), format!("{}…", "é".repeat(VALUE_CHARS_MAX)));
    let fits = "é".repeat(VALUE_CHARS_MAX);
    assert_eq!(fill("{x}", &[("x", &fits)]), fits);
}

#[test]
fn the_mtapi_code_of_success_is_minus_one() {
    let status = MtapiCode::NotSet.status();
    assert_eq!((status.code(), status.code_str(), status.http_status()), (0, "-1", 200));
}

#[test]
fn an_entry_is_known_at_compile_time() {
    const CODE: i64 = MessagingCode::Queued.entry().code;
    assert_eq!(CODE, 1001);
}

#[test]
fn every_variant_stands_at_its_row_and_every_row_has_a_variant() {
    let mut rows = CATALOGUE.iter();
    macro_rules! walk {
        ($($code:ident $api:ident),+ $(,)?) => {$(
            for code in $code::ALL {
                let row = rows.next().unwrap();
                assert_eq!((code.entry(), code.entry().api), (row, Api::$api));
                assert_eq!(format!("{code:?}").to_lowercase(), row.id.replace('-', ""));
            }
        )+};
    }
    walk!(
        MessagingCode Messaging,
        TransactionStatusCode TransactionStatus,
        EventCode Event,
        ProfileCode Profile,
        RealtimeCode Realtime,
        MtapiCode Mtapi,
        MetadataPushCode MetadataPush,
    );
    assert_eq!(rows.next(), None);
}

#[test]
fn the_catalogue_is_free_of_findings() {
    assert_eq!(lint(CATALOGUE), []);
}

#[test]
fn one_number_leads_to_all_its_meanings_in_the_api() {
    let found: Vec<MessagingCode> = MessagingCode::by_code(7010u16).collect();
    assert_eq!(found, [MessagingCode::SourceIpNotWhitelisted, MessagingCode::ServiceProviderException]);
    assert_eq!(ProfileCode::by_code(1).count(), 0);
}

#[test]
fn an_outcome_with_two_meanings_takes_the_one_that_fits_a_record_and_its_channel() {
    use TransactionStatusCode as T;
    for (code, channel, expected) in [
        (7010, "sms", Some(T::ServiceProviderException)),
        (7601, "sms", Some(T::VerificationFailed)),
        (7602, "wechat", Some(T::WechatUserIdInvalid)),
        (7602, "sms", Some(T::UserPresenceFailure)),
        (7603, "WeChat", Some(T::WechatMediaTypeInvalid)),
        (7603, "fb", Some(T::RequestOrUserVerificationFailed)),
        (7607, "sms", Some(T::WechatMessageTypeInvalid)),
        (7208, "sms", Some(T::SmsExpired)),
        (7500, "voice", Some(T::Delivered)),
        (7600, "sms", None),
        (7002, "sms", None),
        (1, "sms", None),
    ] {
        assert_eq!(T::for_outcome(code, channel), expected, "{code} on {channel}");
    }
    assert_eq!(MessagingCode::for_outcome(7208, "sms"), Some(MessagingCode::SmsExpired));
    assert_eq!(MessagingCode::for_outcome(7215, "mms"), None);
}

#[test]
fn whatever_a_notification_can_carry_a_record_can_show() {
    let missing: Vec<&str> = MessagingCode::ALL
        .iter()
        .map(|code| code.entry())
        .filter(|entry| entry.phase != waypost_status::Phase::Answer && !entry.is_reserved())
        .filter(|entry| !TransactionStatusCode::ALL.iter().any(|twin| twin.entry().id == entry.id))
        .map(|entry| entry.id)
        .collect();
    assert_eq!(missing, ["internal-error-occurred"], "its number is there, under its other text");
}

#[test]
fn a_number_is_explained_across_all_apis_and_blocks() {
    assert_eq!(keys(&explain(1002)), ["event/1002/queued", "profile/1002/partial-success"]);
    assert_eq!(keys(&explain(7220)), ["messaging/7215/mms-provider-block"]);
    assert_eq!(keys(&explain(-1)), ["mtapi/-1/not-set"]);
    assert_eq!(keys(&explain(123)), Vec::<String>::new());
}

#[test]
fn a_key_leads_back_to_its_entry() {
    for entry in CATALOGUE {
        assert_eq!(find(&entry.key()), Some(entry));
    }
    for wrong in
        ["", "messaging", "messaging/7003", "messaging/7003/nothing", "event/7003/destination-missing"]
    {
        assert_eq!(find(wrong), None, "{wrong}");
    }
}

#[test]
fn a_search_needs_every_word_and_is_bounded() {
    assert_eq!(
        keys(&search("EXPIRED queue before")),
        ["messaging/7503/expired-in-queue", "transaction-status/7503/expired-in-queue",]
    );
    assert_eq!(search("  "), Vec::<&Entry>::new());
    assert_eq!(search("e").len(), SEARCH_RESULTS_MAX);
}

#[test]
fn an_entry_is_json_with_the_words_of_the_data_files() {
    let entry = MetadataPushCode::FieldValueInvalid.entry();
    let json = serde_json::to_value(entry).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "family": "content", "api": "Metadata Push", "code": 4006, "id": "field-value-invalid",
            "name": "FieldValueInvalid", "message": "Invalid value for field {field}", "meaning": entry.meaning,
            "cause": entry.cause, "remedy": entry.remedy, "class": "validation", "phase": "answer",
            "http_status": 400, "retry": "after-fix", "permanence": "permanent", "channels": [],
            "evidence": "spec", "seed_rows": 0,
        })
    );
}
