use std::collections::HashSet;

use proptest::prelude::*;

use super::attribute::Mandatory as M;
use super::value::broken_rule;
use super::*;
use crate::wire::{ProfileRecords, parse_profile};

const ALL: [StoreKind; 6] =
    [StoreKind::Master, StoreKind::Fb, StoreKind::Twitter, StoreKind::Wechat, StoreKind::Rt, StoreKind::Push];

fn schema(store: StoreKind) -> Schema<'static> {
    Schema { store, own: &[], msisdn_optional: false }
}

fn check(store: StoreKind, verb: Verb, attributes: &str) -> Result<Attributes, RecordFault> {
    let body = format!(r#"{{"customerId":"8953","Attributes":{attributes}}}"#);
    let ProfileRecords::List(list) = parse_profile(body.as_bytes()).unwrap() else { panic!("{body}") };
    check_record(&list[0], schema(store), verb).1
}

#[test]
fn no_two_attributes_share_a_number_and_no_store_has_a_name_twice() {
    let mut ids = HashSet::new();
    for store in ALL {
        let mut names = HashSet::new();
        for known in store.attributes() {
            assert!(names.insert(known.name.to_ascii_lowercase()), "{store:?} {}", known.name);
            assert!(ids.insert(known.id) || store == StoreKind::Push, "{}", known.id);
        }
    }
}

#[test]
fn what_is_mandatory_is_an_attribute_of_its_store() {
    for store in ALL {
        for verb in [Verb::Create, Verb::Update, Verb::Delete] {
            for mandatory in store.mandatory(verb, false) {
                assert!(store.attributes().iter().any(|known| known.name == mandatory.name()));
            }
        }
    }
}

#[test]
fn each_starred_attribute_is_missed_by_its_own_name() {
    let missing = |store, verb, attributes| check(store, verb, attributes).unwrap_err();
    let create = Verb::Create;
    assert_eq!(missing(StoreKind::Master, create, r#"{"name":"A"}"#), RecordFault::Missing(M::Msisdn));
    assert_eq!(missing(StoreKind::Master, create, r#"{"msisdn":" "}"#), RecordFault::Missing(M::Msisdn));
    assert_eq!(missing(StoreKind::Fb, create, r#"{"psid":"1"}"#), RecordFault::Missing(M::Status));
    assert_eq!(missing(StoreKind::Fb, create, r#"{"status":"1"}"#), RecordFault::Missing(M::Psid));
    assert_eq!(
        missing(StoreKind::Rt, create, r#"{"status":"1","connectStatus":"1","deviceId":"d"}"#),
        RecordFault::Missing(M::RtmId)
    );
    assert_eq!(
        missing(StoreKind::Wechat, Verb::Update, r#"{"status":"1"}"#),
        RecordFault::Missing(M::WechatUserId)
    );
    assert!(check(StoreKind::Fb, Verb::Update, r#"{"status":"0","psid":"1"}"#).is_ok());
    assert!(check(StoreKind::Master, Verb::Update, "{}").is_ok());
}

#[test]
fn a_name_is_found_in_any_case_and_by_its_older_name() {
    let found =
        check(StoreKind::Twitter, Verb::Update, r#"{"STATUS":1,"twitterid":77,"twitter_handle":"a"}"#);
    let names: Vec<String> = found.unwrap().into_keys().collect();
    assert_eq!(names, ["screenName", "status", "twitter_user_id"]);
    assert_eq!(
        check(StoreKind::Master, Verb::Update, r#"{"shoe_size":"44"}"#),
        Err(RecordFault::Unknown("shoe_size".to_owned()))
    );
}

#[test]
fn a_status_is_refused_as_its_store_refuses_it() {
    assert_eq!(
        check(StoreKind::Fb, Verb::Update, r#"{"status":"2","psid":"1"}"#),
        Err(RecordFault::StatusNotZeroOrOne)
    );
    assert_eq!(check(StoreKind::Master, Verb::Update, r#"{"status":"x"}"#), Err(RecordFault::RecordStatus));
}

#[test]
fn values_are_judged_by_their_kind() {
    let good = |kind, value: &str| assert_eq!(broken_rule(kind, value), None, "{value}");
    let bad = |kind, value: &str| assert!(broken_rule(kind, value).is_some(), "{value}");
    for date in ["2016-07-11", "2016-07-11 17:02:51", "2018-01-21T16:39:54+0530", "2020-08-13T11:47:31.688Z"]
    {
        good(ValueKind::Date, date);
    }
    for date in ["11.07.2016", "2016-13-01", "soon", ""] {
        bad(ValueKind::Date, date);
    }
    good(ValueKind::Number, "-12.50");
    for number in ["1e3", "1.", ".5", "-", "٣"] {
        bad(ValueKind::Number, number);
    }
    good(ValueKind::Email, "A.B@x.example");
    for email in ["a", "@x", "a@", "a b@x"] {
        bad(ValueKind::Email, email);
    }
    good(ValueKind::Msisdn, "+911278994640");
    bad(ValueKind::Msisdn, "12-34");
    bad(ValueKind::Flag, "true");
    bad(ValueKind::Text, &"x".repeat(1_025));
    good(ValueKind::Word("fb"), "FB");
}

#[test]
fn a_change_keeps_what_it_does_not_name_and_takes_away_what_it_empties() {
    let of = |pairs: &[(&str, &str)]| -> Attributes {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let mut stored = of(&[("name", "A"), ("email", "a@x")]);
    merge(&mut stored, &of(&[("email", ""), ("sms", "1")]));
    assert_eq!(stored, of(&[("name", "A"), ("sms", "1")]));
}

proptest! {
    #[test]
    fn every_record_is_either_checked_or_refused(id in "\\PC{0,200}", name in "\\PC{0,20}", value in "\\PC{0,60}") {
        let text = |text: &str| serde_json::to_string(text).unwrap();
        let body = format!(r#"{{"customerId":{},"Attributes":{{{}:{},"os":[],"status":7}}}}"#, text(&id), text(&name), text(&value));
        if let Ok(ProfileRecords::List(list)) = parse_profile(body.as_bytes()) {
            for store in ALL {
                for verb in [Verb::Create, Verb::Update] {
                    let (echo, checked) = check_record(&list[0], schema(store), verb);
                    prop_assert!(echo.len() <= id.len().max(1));
                    prop_assert!(checked.is_err(), "status 7 is never good");
                }
            }
        }
    }
}
