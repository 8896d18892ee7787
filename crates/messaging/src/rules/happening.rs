//! What a rule makes of something that happened: whether its conditions hold, and the request it sends then.

use serde_json::{Map, Value, json};
use waypost_store::directory::{Comparison, Condition, Rule};

use super::event::Facts;
use super::placeholder::fill;

/// Digits up to which two numbers are compared as numbers; longer ones are texts, such as telephone numbers.
const NUMBER_CHARS_MAX: usize = 15;

/// Whether every condition holds.
#[must_use]
pub fn hold(conditions: &[Condition], facts: &Facts) -> bool {
    conditions.iter().all(|condition| holds(condition, facts.get(&condition.fact).map(String::as_str)))
}

fn holds(condition: &Condition, fact: Option<&str>) -> bool {
    let value = condition.value.as_str();
    let numbers = || Some((number(fact?)?, number(value)?));
    let equal = || fact == Some(value) || numbers().is_some_and(|(fact, value)| fact == value);
    match condition.is {
        Comparison::Equal => equal(),
        Comparison::NotEqual => !equal(),
        Comparison::Below => numbers().is_some_and(|(fact, value)| fact < value),
        Comparison::Above => numbers().is_some_and(|(fact, value)| fact > value),
        Comparison::Contains => fact.is_some_and(|fact| fact.to_lowercase().contains(&value.to_lowercase())),
        Comparison::Present => fact.is_some_and(|fact| !fact.is_empty()),
    }
}

fn number(text: &str) -> Option<f64> {
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.');
    let good = text.len() <= NUMBER_CHARS_MAX && text.bytes().all(plain);
    if good { text.parse().ok() } else { None }
}

/// The request a rule sends, as a client would have written it.
///
/// # Errors
/// The name of the first fact that the rule's destination asks for and that is not known, or is empty.
pub fn request(
    rule: &Rule,
    facts: &Facts,
    correlation: Option<&str>,
    notify_url: Option<&str>,
) -> Result<Value, String> {
    let mut destination = Map::new();
    for (name, value) in &rule.destination {
        destination.insert(name.clone(), filled(value, facts)?);
    }
    if let Some(correlation) = correlation {
        destination.entry("correlationid").or_insert_with(|| correlation.into());
    }
    let mut request = json!({
        "deliverychannel": rule.channel.wire_name().to_ascii_lowercase(),
        "message": {"template": rule.template, "parameters": facts},
        "destination": [destination],
    });
    if let Some(url) = notify_url {
        request["notifyurl"] = url.into();
    }
    Ok(request)
}

fn filled(value: &Value, facts: &Facts) -> Result<Value, String> {
    match value {
        Value::String(text) => {
            let known = |name: &str| facts.get(name).map(String::as_str).filter(|fact| !fact.is_empty());
            let filled = fill(text, known, |_| false);
            filled.unresolved.map_or(Ok(Value::String(filled.text)), Err)
        }
        Value::Array(items) => items.iter().map(|item| filled(item, facts)).collect(),
        other => Ok(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use waypost_core::channel::Channel;
    use waypost_store::directory::Happens;

    use super::*;

    fn facts(pairs: &[(&str, &str)]) -> Facts {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn check(is: Comparison, value: &str, fact: Option<&str>) -> bool {
        let condition = Condition { fact: "f".to_owned(), is, value: value.to_owned() };
        hold(&[condition], &fact.map(|fact| facts(&[("f", fact)])).unwrap_or_default())
    }

    #[test]
    fn numbers_are_compared_as_numbers_and_everything_else_as_text() {
        use Comparison::{Above, Below, Equal, NotEqual};
        assert!(check(Equal, "10", Some("10.0")) && !check(Equal, "10", Some("ten")));
        assert!(
            check(Below, "10", Some("9")) && !check(Below, "10", Some("10")) && !check(Below, "10", None)
        );
        assert!(check(Above, "9", Some("10")) && !check(Above, "9", Some("x")));
        assert!(
            check(NotEqual, "a", None) && check(NotEqual, "a", Some("A")) && !check(NotEqual, "a", Some("a"))
        );
        // Longer than a number may be: one digit apart, which a float would not see.
        assert!(!check(Equal, "12345678901234567", Some("12345678901234568")));
    }

    #[test]
    fn a_text_contains_whatever_the_case_and_present_is_not_empty() {
        use Comparison::{Contains, Present};
        assert!(check(Contains, "help", Some("Please HELP me")) && !check(Contains, "help", None));
        assert!(check(Present, "", Some("x")) && !check(Present, "", Some("")) && !check(Present, "", None));
        assert!(hold(&[], &Facts::new()));
    }

    fn rule(destination: Value) -> Rule {
        Rule {
            id: 1,
            tenant: 1,
            service: 1,
            name: "r".to_owned(),
            happens: Happens::Event,
            event: Some(1),
            conditions: Vec::new(),
            template: "1021".to_owned(),
            channel: Channel::Sms,
            destination: destination.as_object().unwrap().clone(),
            delay_s: 0,
            enabled: true,
        }
    }

    #[test]
    fn a_rule_writes_the_request_a_client_would_write() {
        let known = facts(&[("msisdn", "447700900001"), ("name", "Ann")]);
        let made =
            request(&rule(json!({"msisdn": ["{{msisdn}}"]})), &known, Some("c-1"), Some("https://a.example"));
        let expected = json!({
            "deliverychannel": "sms",
            "message": {"template": "1021", "parameters": {"msisdn": "447700900001", "name": "Ann"}},
            "destination": [{"msisdn": ["447700900001"], "correlationid": "c-1"}],
            "notifyurl": "https://a.example",
        });
        assert_eq!(made, Ok(expected));
    }

    #[test]
    fn a_destination_without_its_fact_is_told_by_name() {
        let rule = rule(json!({"msisdn": "{{msisdn}}"}));
        assert_eq!(request(&rule, &facts(&[("msisdn", "")]), None, None), Err("msisdn".to_owned()));
    }
}
