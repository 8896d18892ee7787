//! What a demo run sends: numbered messages, a known share of which is made to fail.

use serde_json::json;

/// What correlation ids of a run begin with; the message's number follows.
const PREFIX: &str = "demo-";

/// Ends that the simulated operator is asked for, in turn: unknown subscriber and its kin.
const FORCED: [u16; 4] = [7201, 7203, 7204, 7207];

/// The shape of a run.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// Messages in all.
    pub messages: usize,
    /// Of each hundred, so many are made to fail.
    pub fail_percent: u8,
}

impl Traffic {
    /// The request body of message `number`.
    #[must_use]
    pub fn body(&self, number: usize, sender: &str) -> Vec<u8> {
        let text = format!("Waypost demo, message {number}");
        let body = json!({
            "deliverychannel": "sms",
            "channels": { "sms": { "text": text, "senderid": sender } },
            "destination": [{ "msisdn": [self.msisdn(number)], "correlationid": format!("{PREFIX}{number}") }],
        });
        body.to_string().into_bytes()
    }

    /// A number whose last four digits are no code, or the code that this message is to end with.
    fn msisdn(&self, number: usize) -> String {
        let block = number / 1_000 % 10_000;
        match self.forced(number) {
            Some(code) => format!("4477{block:04}{code}"),
            None => format!("4477{block:04}0{:03}", number % 1_000),
        }
    }

    /// The failures are spread evenly: the running sum of the share passes a whole number at each of them.
    fn forced(&self, number: usize) -> Option<u16> {
        let percent = usize::from(self.fail_percent.min(100));
        let failures = |count: usize| count * percent / 100;
        let before = failures(number);
        (failures(number + 1) > before).then(|| FORCED[before % FORCED.len()])
    }
}

/// The number of the message a call-back belongs to; none when it is not of a demo run.
#[must_use]
pub fn number_of(correlation: &str) -> Option<usize> {
    correlation.strip_prefix(PREFIX)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_failures_is_exact_and_spread() {
        let traffic = Traffic { messages: 1_000, fail_percent: 5 };
        let forced: Vec<usize> = (0..1_000).filter(|number| traffic.forced(*number).is_some()).collect();
        assert_eq!(forced.len(), 50);
        assert!(forced.windows(2).all(|pair| pair[1] - pair[0] == 20), "{forced:?}");
        let none = Traffic { messages: 10, fail_percent: 0 };
        assert!((0..10).all(|number| none.forced(number).is_none()));
    }

    #[test]
    fn a_message_asks_for_an_outcome_only_when_it_is_made_to_fail() {
        let traffic = Traffic { messages: 2_000, fail_percent: 5 };
        for number in 0..2_000 {
            let asked = waypost_core::sandbox::forced_outcome(&traffic.msisdn(number)).unwrap_or(0);
            assert_eq!(asked >= 1_000, traffic.forced(number).is_some(), "{number}");
        }
    }

    #[test]
    fn a_call_back_names_its_message() {
        let body: serde_json::Value =
            serde_json::from_slice(&Traffic { messages: 9, fail_percent: 0 }.body(7, "S")).unwrap();
        assert_eq!(number_of(body["destination"][0]["correlationid"].as_str().unwrap()), Some(7));
        assert_eq!(number_of("order-7"), None);
    }
}
