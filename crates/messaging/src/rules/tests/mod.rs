use waypost_core::channel::Channel;
use waypost_core::time::Micros;

use super::*;
use crate::wire;

mod channel;
mod members;
mod outcome;

const NOW: Micros = Micros::from_secs(1_790_000_000);

fn service() -> ServiceView {
    ServiceView { default_priority: Priority::Medium, default_sender: Some("ACME".into()) }
}

fn read(body: &str) -> Result<Plan, Refusal> {
    validate(wire::parse(body.as_bytes()).unwrap(), &service(), NOW)
}

/// The members of a good SMS, each of which a test may replace or drop (with `-`).
fn sms(changes: &[(&str, &str)]) -> String {
    let mut members = vec![
        ("deliverychannel", r#""sms""#),
        ("channels", r#"{"sms":{"text":"Hi"}}"#),
        ("destination", r#"[{"msisdn":["447700900001"]}]"#),
    ];
    for (name, value) in changes {
        members.retain(|(known, _)| known != name);
        if *value != "-" {
            members.push((name, value));
        }
    }
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn refused(changes: &[(&str, &str)]) -> Refusal {
    read(&sms(changes)).unwrap_err()
}

fn plan(changes: &[(&str, &str)]) -> Plan {
    read(&sms(changes)).unwrap()
}

#[test]
fn a_plain_sms_takes_the_services_defaults() {
    let expected = Plan {
        channel: Channel::Sms,
        appid: None,
        content: Content::Sms(SmsContent {
            kind: SmsKind::Text,
            body: SmsBody::Text { text: "Hi".into(), unresolved: None },
            sender: Some("ACME".into()),
            dlt_template: None,
        }),
        unresolved: None,
        template: None,
        spoken: vec![],
        units: vec![UnitPlan::Accepted(Unit {
            id_type: IdType::Msisdn,
            values: vec!["447700900001".into()],
            correlation: None,
        })],
        notify: NotifyTo::Service,
        notify_auth: None,
        callback_data: None,
        expires_at: None,
        priority: Priority::Medium,
        route: None,
        smart_links: vec![],
        asks_contact_policy: false,
    };
    assert_eq!(plan(&[]), expected);
    assert_eq!(plan(&[("deliverychannel", r#""SMS""#)]), expected);
    let nulls: Vec<_> = [
        "expiry",
        "priority",
        "route",
        "message",
        "notifyurl",
        "callbackData",
        "correlationid",
        "options",
        "icmessage",
        "gtrId",
        "conversationid",
    ]
    .map(|name| (name, "null"))
    .into();
    assert_eq!(plan(&nulls), expected);
}

#[test]
fn every_member_of_an_sms_reaches_the_plan() {
    let read = plan(&[
        (
            "channels",
            r#"{"sms":{"text":"Hi {{name}}","type":4,"senderid":"SHOP","media-path":"https://x.example/i","extras":{"dlt_templateid":17}},"smartlinks":[{"linkid":5,"validity":"30"}]}"#,
        ),
        ("message", r#"{"parameters":{"name":"Ann","n":1}}"#),
        ("correlationid", r#""top""#),
        ("notifyurl", r#""https://x.example/dlr?a=1""#),
        ("notifyurlAuthId", r#""TN""#),
        ("callbackData", r#""cb""#),
        ("expiry", r#""2030-04-12T18:30:19.456+5:30""#),
        ("priority", "3"),
        ("route", r#""lcgd""#),
        ("appid", r#""a_1""#),
        ("destination", r#"[{"msisdn":["1","2"],"correlationId":"own"},{"customerid":"c"}]"#),
    ]);
    assert_eq!(
        read,
        Plan {
            channel: Channel::Sms,
            appid: Some("a_1".into()),
            content: Content::Sms(SmsContent {
                kind: SmsKind::Unicode,
                body: SmsBody::Text { text: "Hi Ann https://x.example/i".into(), unresolved: None },
                sender: Some("SHOP".into()),
                dlt_template: Some("17".into()),
            }),
            unresolved: None,
            template: None,
            spoken: vec![],
            units: vec![
                UnitPlan::Accepted(Unit {
                    id_type: IdType::Msisdn,
                    values: vec!["1".into(), "2".into()],
                    correlation: Some("own".into()),
                }),
                UnitPlan::Accepted(Unit {
                    id_type: IdType::CustomerId,
                    values: vec!["c".into()],
                    correlation: Some("top".into()),
                }),
            ],
            notify: NotifyTo::Url("https://x.example/dlr?a=1".into()),
            notify_auth: Some("TN".into()),
            callback_data: Some("cb".into()),
            expires_at: Some(Micros::from_ms(1_902_229_219_456)),
            priority: Priority::High,
            route: Some(Route::Lcgd),
            smart_links: vec![SmartLink { link: 5, validity_minutes: Some(30) }],
            asks_contact_policy: false,
        }
    );
    assert_eq!((read.message_count(), read.suffix(0), read.suffix(1)), (3, Some(0), Some(1)));
}

#[test]
fn each_fault_of_the_request_has_its_refusal() {
    let check = |name: &str, value: &str, expected: Refusal| {
        assert_eq!(refused(&[(name, value)]), expected, "{name} {value}")
    };
    check("expiry", r#""2020-01-01T00:00:00Z""#, Refusal::Expired);
    check("expiry", r#""soon""#, Param::Expiry.into());
    check("expiry", "{}", Param::Expiry.into());
    check("deliverychannel", "-", Missing::Channel.into());
    check("deliverychannel", "null", Missing::Channel.into());
    check("deliverychannel", r#""""#, Missing::ChannelValue.into());
    check("deliverychannel", r#""fax""#, Refusal::ChannelUnknown);
    check("deliverychannel", r#""whatsapp""#, Refusal::ChannelUnknown);
    check("deliverychannel", "[]", Refusal::ChannelUnknown);
    check("channels", "-", Missing::Sms.into());
    check("channels", "{}", Missing::Sms.into());
    check("channels", "1", Param::Channels.into());
    check("channels", r#"{"sms":"Hi"}"#, Param::Sms.into());
    check("channels", r#"{"sms":{}}"#, Missing::SmsText.into());
    check("channels", r#"{"sms":{"text":""}}"#, Missing::SmsText.into());
    check("channels", r#"{"sms":{"text":{}}}"#, Param::SmsText.into());
    check("channels", r#"{"sms":{"text":"a","type":"5"}}"#, Refusal::SmsType);
    check("channels", r#"{"sms":{"text":"a","type":true}}"#, Refusal::SmsType);
    check("channels", r#"{"sms":{"text":"a","type":3}}"#, Missing::SmsBody.into());
    check("channels", r#"{"sms":{"body":"00","type":2}}"#, Missing::SmsText.into());
    check("channels", r#"{"sms":{"body":[],"type":3}}"#, Param::SmsBody.into());
    check("channels", r#"{"sms":{"text":"a","senderid":[]}}"#, Param::SenderId.into());
    check("channels", r#"{"sms":{"text":"a","media-path":[]}}"#, Param::MediaPath.into());
    check("channels", r#"{"sms":{"text":"a","extras":[]}}"#, Param::SmsExtras.into());
    check("channels", r#"{"sms":{"text":"a","extras":{"dlt_templateid":[]}}}"#, Param::DltTemplateId.into());
    check("message", "[]", Param::Message.into());
    check("message", r#"{"template":[]}"#, Param::Template.into());
    check("message", r#"{"parameters":[]}"#, Param::Parameters.into());
    check("message", r#"{"parameters":{"a":{}}}"#, Param::Parameters.into());
    check("appid", "[]", Param::Appid.into());
    check("priority", "0", Param::Priority.into());
    check("priority", r#""4""#, Param::Priority.into());
    check("priority", "[]", Param::Priority.into());
    check("route", r#""FAST""#, Param::Route.into());
    check("route", "{}", Param::Route.into());
    check("notifyurlAuthId", "{}", Param::NotifyUrlAuthId.into());
    check("callbackData", "{}", Param::CallbackData.into());
    check("callbackData", &format!("\"{}\"", "é".repeat(2_001)), Param::CallbackData.into());
    check("correlationid", &format!("\"{}é\"", "c".repeat(49)), Param::CorrelationId.into());
    check("correlationid", "[]", Param::CorrelationId.into());
    check("destination", "-", Missing::Destination.into());
    check("destination", "[]", Missing::Destination.into());
    check("destination", "{}", Param::Destination.into());
}

#[test]
fn the_limits_themselves_are_allowed() {
    let data = "é".repeat(2_000);
    assert_eq!(plan(&[("callbackData", &format!("\"{data}\""))]).callback_data, Some(data));
    let reference = "é".repeat(25);
    let read = plan(&[("correlationid", &format!("\"{reference}\""))]);
    assert_eq!(read.accepted().next().unwrap().1.correlation, Some(reference));
}

#[test]
fn of_two_faults_the_earlier_in_the_contracts_order_is_told() {
    let order: [(&str, &str, Refusal); 9] = [
        ("expiry", r#""2020-01-01T00:00:00Z""#, Refusal::Expired),
        ("deliverychannel", "-", Missing::Channel.into()),
        ("message", "1", Param::Message.into()),
        ("channels", "-", Missing::Sms.into()),
        ("priority", "9", Param::Priority.into()),
        ("route", "9", Param::Route.into()),
        ("callbackData", "{}", Param::CallbackData.into()),
        ("correlationid", "{}", Param::CorrelationId.into()),
        ("destination", "-", Missing::Destination.into()),
    ];
    for (place, (name, value, expected)) in order.iter().enumerate() {
        for (later, worse, _) in &order[place + 1..] {
            assert_eq!(refused(&[(later, worse), (name, value)]), *expected, "{name} before {later}");
        }
    }
}

fn destination(body: &str) -> Vec<UnitPlan> {
    plan(&[("destination", body), ("correlationid", r#""top""#)]).units
}

#[test]
fn a_bad_destination_object_is_refused_alone_with_its_correlation_id() {
    let long = "x".repeat(51);
    let list = format!(
        r#"[{{"msisdn":["1"]}},{{"correlationid":"a"}},{{"msisdn":[]}},7,{{"msisdn":[{{}}]}},{{"msisdn":"1","correlationid":"{long}"}}]"#
    );
    let refused = |refusal, correlation: Option<&str>| UnitPlan::Refused {
        refusal,
        correlation: correlation.map(str::to_owned),
    };
    let top = Some("top".to_owned());
    let expected = [
        UnitPlan::Accepted(Unit { id_type: IdType::Msisdn, values: vec!["1".into()], correlation: top }),
        refused(Missing::DestinationId(1).into(), Some("a")),
        refused(Missing::DestinationId(2).into(), Some("top")),
        refused(Param::DestinationObject(3).into(), Some("top")),
        refused(Param::DestinationValue("msisdn", 4).into(), Some("top")),
        refused(Param::DestinationCorrelation(5).into(), None),
    ];
    assert_eq!(destination(&list), expected);
}

#[test]
fn a_thousand_values_over_all_objects_are_taken_and_one_more_is_not() {
    let values = |n: usize| format!("{{\"msisdn\":[{}]}}", vec!["\"447700900001\""; n].join(","));
    let read = destination(&format!("[{},{}]", values(999), values(1)));
    assert_eq!(read.len(), 2);
    let over = format!("[{},{}]", values(999), values(2));
    assert_eq!(refused(&[("destination", &over)]), Refusal::TooManyDestinations);
    let objects = |n: usize| format!("[{}]", vec!["{}"; n].join(","));
    assert_eq!(destination(&objects(1_000)).len(), 1_000);
    assert_eq!(refused(&[("destination", &objects(1_001))]), Refusal::TooManyDestinations);
}

#[test]
fn a_notify_url_that_cannot_be_called_does_not_refuse_the_message() {
    let check = |given: &str, expected: NotifyTo| {
        assert_eq!(plan(&[("notifyurl", given)]).notify, expected, "{given}")
    };
    check(r#""http://10.0.0.1:8080/x""#, NotifyTo::Url("http://10.0.0.1:8080/x".into()));
    check(r#""""#, NotifyTo::Service);
    for bad in [
        " https://x.example/",
        "https://x.example/ ",
        "ftp://x.example/",
        "x.example/dlr",
        "https://",
        "mailto:a@x",
    ] {
        check(&format!("\"{bad}\""), NotifyTo::Unusable(bad.into()));
    }
    check("{}", NotifyTo::Unusable(String::new()));
    let long = format!("https://x.example/{}", "a".repeat(2_048));
    check(&format!("\"{long}\""), NotifyTo::Unusable(long[..512].into()));
}

proptest::proptest! {
    #[test]
    fn no_object_makes_the_rules_panic(
        members in proptest::collection::vec((
            proptest::sample::select(vec!["deliverychannel", "channels", "destination", "message", "expiry", "priority", "correlationid", "notifyurl"]),
            proptest::sample::select(vec!["null", "1", "-1.5", "true", "\"\"", "\"sms\"", "\"voice\"", "\"push\"", "[]", "{}", "[null]", "[{}]",
                r#"[{"msisdn":["1",{}]}]"#, r#"{"sms":{"text":"{{a}}"}}"#, r#"{"push":{"interactive":{"category":1,"actions":[1],"device_types":[1]},"ios":{"text":1}}}"#,
                r#"{"template":1,"parameters":{"a":null}}"#]),
        ), 0..8),
    ) {
        let changes: Vec<_> = members.iter().map(|(name, value)| (*name, *value)).collect();
        if let Err(refusal) = read(&sms(&changes)) {
            proptest::prop_assert!(!refusal.detail().remedy.is_empty());
        }
    }
}
