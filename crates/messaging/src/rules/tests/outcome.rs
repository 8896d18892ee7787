use waypost_core::channel::Channel;
use waypost_core::msisdn::PlusRule;

use super::plan;
use crate::rules::*;

struct Tenant;

impl Policies for Tenant {
    fn is_configured(&self, channel: Channel) -> bool {
        channel == Channel::Sms
    }

    fn is_sender(&self, sender: &str) -> bool {
        sender == "ACME"
    }

    fn is_template(&self, template: &str, _: Channel) -> bool {
        template == "1021"
    }

    fn is_link(&self, link: i64) -> bool {
        link == 5
    }

    fn plus_rule(&self) -> PlusRule {
        PlusRule::Optional
    }
}

fn outcome(changes: &[(&str, &str)]) -> Option<EarlyOutcome> {
    let plan = plan(changes);
    let unit = plan.accepted().next().unwrap().1;
    outcome_checks(&plan, unit.id_type, &unit.values[0], &Tenant, |number| number.as_str() == "447700907109")
}

#[test]
fn what_is_certain_after_acceptance_is_told_before_sending() {
    use EarlyOutcome as E;
    let block = |block: &str, expected: Option<E>| {
        assert_eq!(outcome(&[("channels", &format!("{{\"sms\":{block}}}"))]), expected, "{block}");
    };
    block(r#"{"text":"Hi"}"#, None);
    block(r#"{"text":"Hi","senderid":"OTHER"}"#, Some(E::InvalidSenderId));
    block(r#"{"text":"Hi {{name}}"}"#, Some(E::UnresolvedPlaceholder));
    block(&format!("{{\"text\":\"{}\"}}", "é".repeat(4_000)), None);
    block(&format!("{{\"text\":\"{}\"}}", "é".repeat(4_001)), Some(E::TextTooLong));
    block(r#"{"type":3,"body":"00fF"}"#, None);
    block(r#"{"type":3,"body":"0"}"#, Some(E::InvalidBinary));
    block(r#"{"type":3,"body":"zz"}"#, Some(E::InvalidBinary));
    block(r#"{"type":3,"body":"éé"}"#, Some(E::InvalidBinary));

    let template =
        |id: &str| outcome(&[("channels", "-"), ("message", &format!("{{\"template\":\"{id}\"}}"))]);
    assert_eq!((template("1021"), template("9")), (None, Some(E::InvalidTemplate)));

    let to = |body: &str| outcome(&[("destination", body)]);
    assert_eq!(to(r#"[{"msisdn":"44 77"}]"#), Some(E::InvalidAddress));
    assert_eq!(to(r#"[{"msisdn":"447700907109"}]"#), Some(E::DoNotDisturb));
    assert_eq!(to(r#"[{"customerid":"447700900001"}]"#), Some(E::ProfileNotFound));

    let voice = outcome(&[("deliverychannel", r#""voice""#), ("channels", r#"{"voice":{"callflowid":1}}"#)]);
    assert_eq!(voice, Some(E::ChannelNotConfigured));
}

#[test]
fn octets_are_read_in_either_case() {
    assert_eq!(SmsBody::Binary("00fFA9".into()).octets(), Some(vec![0, 255, 0xa9]));
    assert_eq!(SmsBody::Binary(String::new()).octets(), None);
}
