use super::*;

fn fault(body: &[u8]) -> JsonFault {
    parse(body).unwrap_err()
}

#[test]
fn what_is_not_json_is_named() {
    assert_eq!(fault(b""), JsonFault::Empty);
    assert_eq!(fault(b" \r\n\t"), JsonFault::Empty);
    assert_eq!(fault(b"{\"a\":\"\xff\"}"), JsonFault::NotUtf8 { at: 6 });
    assert_eq!(fault(b"[]"), JsonFault::NotAnObject);
    assert_eq!(fault(b"7"), JsonFault::NotAnObject);
    assert_eq!(fault(b"["), JsonFault::Syntax { line: 1, column: 1 });
    assert_eq!(fault(b"{\"a\":1,}"), JsonFault::Syntax { line: 1, column: 8 });
    assert_eq!(fault(b"{} {}"), JsonFault::Syntax { line: 1, column: 4 });
    assert_eq!(fault(b"{\"a\":\"\\ud800\"}"), JsonFault::Syntax { line: 1, column: 13 });
    assert_eq!(fault(b"{\"a\":1e999}"), JsonFault::Syntax { line: 1, column: 10 });
    assert_eq!(fault(b"{\"a\":\"\\u0000\"}"), JsonFault::NulCharacter);
    assert_eq!(fault(b"{\"\\u0000\":1}"), JsonFault::NulCharacter);
    assert_eq!(fault("\u{feff}{}".as_bytes()), JsonFault::Syntax { line: 1, column: 1 });
}

#[test]
fn a_key_given_twice_is_refused_at_every_level() {
    assert_eq!(fault(br#"{"a":1,"a":1}"#), JsonFault::DuplicateKey("a".into()));
    assert_eq!(fault(br#"{"a":1,"\u0061":1}"#), JsonFault::DuplicateKey("a".into()));
    assert_eq!(fault(br#"{"x":[{"y":{"b":1,"b":2}}]}"#), JsonFault::DuplicateKey("b".into()));
    let many: String = (0..100).map(|n| format!("\"k{n}\":0,")).collect();
    assert_eq!(fault(format!("{{{many}\"k99\":0}}").as_bytes()), JsonFault::DuplicateKey("k99".into()));
    assert!(parse(br#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
}

#[test]
fn thirty_two_levels_are_read_and_one_more_is_not() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(parse(nested(32).as_bytes()).is_ok());
    assert_eq!(fault(nested(33).as_bytes()), JsonFault::TooDeep);
    assert_eq!(fault("{\"a\":".repeat(100_000).as_bytes()), JsonFault::TooDeep);
}

#[test]
fn numbers_stand_for_texts_and_null_for_absence() {
    let body =
        br#"{"deliverychannel":null,"priority":2,"route":true,"expiry":1.5,"appid":{},"callbackData":[1]}"#;
    let read = parse(body).unwrap();
    assert_eq!(read.deliverychannel, Text::Absent);
    assert_eq!(read.priority, Text::Value("2".into()));
    let wrong = [read.route, read.expiry, read.appid, read.callback_data];
    assert_eq!(wrong, [Text::Wrong, Text::Wrong, Text::Wrong, Text::Wrong]);
}

#[test]
fn a_block_of_another_type_is_remembered_as_wrong() {
    assert!(matches!(parse(br#"{"channels":[]}"#).unwrap().channels, Block::Wrong));
    assert!(matches!(parse(br#"{"channels":"x"}"#).unwrap().channels, Block::Wrong));
    assert!(matches!(parse(br#"{"channels":null}"#).unwrap().channels, Block::Absent));
    let read = parse(br#"{"channels":{"sms":7,"voice":{"cli":1}}}"#).unwrap();
    let channels = read.channels.present().unwrap();
    assert_eq!((matches!(channels.sms, Block::Wrong), channels.voice.unwrap().get()), (true, "{\"cli\":1}"));
}

fn destinations(body: &str) -> Vec<Option<Destination<'_>>> {
    match parse(body.as_bytes()).unwrap().destination {
        Destinations::List(list) => list,
        other => panic!("{other:?}"),
    }
}

fn given<'a>(id: IdType, values: &[&'a str]) -> Option<(IdType, Values<'a>)> {
    Some((id, Values::Given(values.iter().map(|value| (*value).into()).collect())))
}

#[test]
fn a_destination_value_may_be_a_text_a_number_or_an_array_of_both() {
    let body =
        r#"{"destination":[{"msisdn":"1"},{"msisdn":2},{"msisdn":["3",4]},{"msisdn":{}},{"msisdn":[[]]},7]}"#;
    let ids: Vec<_> = destinations(body).into_iter().map(|item| item.map(|item| item.ids)).collect();
    let msisdn = |values| Some(given(IdType::Msisdn, values));
    let wrong = Some(Some((IdType::Msisdn, Values::Wrong)));
    assert_eq!(ids, [msisdn(&["1"]), msisdn(&["2"]), msisdn(&["3", "4"]), wrong.clone(), wrong, None]);
}

#[test]
fn of_two_id_keys_the_first_in_the_contracts_order_with_a_value_counts() {
    let body = r#"{"destination":[{"msisdn":"1","customerid":"c"},{"msisdn":"1","customerid":[]},
        {"email":"e","msisdn":""},{"correlationid":"r","unknown":["x"]}]}"#;
    let ids: Vec<_> = destinations(body).into_iter().map(|item| item.unwrap().ids).collect();
    let expected = [
        given(IdType::CustomerId, &["c"]),
        given(IdType::Msisdn, &["1"]),
        given(IdType::Email, &["e"]),
        None,
    ];
    assert_eq!(ids, expected);
}

#[test]
fn both_spellings_of_the_correlation_id_are_read_and_the_documented_one_wins() {
    let body = r#"{"correlationId":"top","destination":[{"correlationId":"a"},{"correlationId":"a","correlationid":"b"}]}"#;
    assert_eq!(parse(body.as_bytes()).unwrap().correlation(), &Text::Value("top".into()));
    let list = destinations(body);
    let read: Vec<_> = list.iter().flatten().map(|item| item.correlation().filled()).collect();
    assert_eq!(read, [Some("a"), Some("b")]);
}

#[test]
fn values_beyond_the_limit_are_not_kept_in_memory() {
    let values = vec!["1"; 5_000].join(",");
    let body = format!(r#"{{"destination":[{{"msisdn":[{values}]}},{{"msisdn":[{values}]}}]}}"#);
    let list = destinations(&body);
    let (_, Values::Given(kept)) = list[0].clone().unwrap().ids.unwrap() else { panic!() };
    assert_eq!((list.len(), kept.len()), (1, VALUES_MAX + 1));
    let objects = vec!["{}"; 5_000].join(",");
    assert_eq!(destinations(&format!(r#"{{"destination":[{objects}]}}"#)).len(), VALUES_MAX + 1);
}
