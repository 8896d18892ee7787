//! What an answer to a call-back means (spec 4.1). Pure.

use http::StatusCode;
use waypost_core::retry::{CallbackVerdict, Schedule, classify_callback, delay_with_retry_after_ms};
use waypost_core::time::Micros;
use waypost_delivery::{Finish, Health};
use waypost_egress::{EgressError, Response};

/// What an endpoint did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answered with a status, and perhaps when it wants to be asked again.
    Status(StatusCode, Option<Micros>),
    /// It could not be reached or broke off; the same may succeed later.
    Failed(String),
    /// The URL or its address cannot be used; nothing was sent and nothing will be.
    Unusable(String),
}

impl From<Result<Response, EgressError>> for Answer {
    fn from(result: Result<Response, EgressError>) -> Self {
        let error = match result {
            Ok(response) => return Self::Status(response.status, response.retry_after),
            Err(error) => error,
        };
        match error {
            // The status is all the contract asks for, however long the body.
            EgressError::BodyTooLarge { status, .. } => Self::Status(status, None),
            EgressError::InvalidUrl(_) | EgressError::Refused { .. } => Self::Unusable(error.to_string()),
            EgressError::Resolve(_)
            | EgressError::Connect(_)
            | EgressError::Tls(_)
            | EgressError::Timeout { .. }
            | EgressError::Protocol(_) => Self::Failed(error.to_string()),
        }
    }
}

impl Answer {
    /// One line for the story.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Status(status, _) => format!("HTTP {}", status.as_u16()),
            Self::Failed(why) => why.clone(),
            Self::Unusable(why) => format!("not attempted: {why}"),
        }
    }

    const fn health(&self) -> Health {
        match self {
            Self::Status(status, _) if status.as_u16() >= 500 => Health::Failing,
            Self::Failed(_) => Health::Failing,
            Self::Status(..) | Self::Unusable(_) => Health::Healthy,
        }
    }
}

/// What to do with the work row after an attempt; the text is the story's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The endpoint has it.
    Done(String),
    /// Again at this time.
    Retry(Micros, String),
    /// Given up.
    Drop(String),
}

impl Next {
    /// A bounded word for metrics.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done(_) => "delivered",
            Self::Retry(..) => "retry",
            Self::Drop(_) => "dropped",
        }
    }

    /// What the dispatcher is told once it is committed.
    #[must_use]
    pub const fn finish(&self, answer: &Answer) -> Finish {
        match (self, answer.health()) {
            (Self::Done(_), _) => Finish::Done,
            (Self::Retry(at, _), health) => Finish::RetryAt(*at, health),
            (Self::Drop(_), Health::Healthy) => Finish::Refused,
            (Self::Drop(_), Health::Failing) => Finish::GaveUp,
        }
    }
}

/// When attempts are repeated.
#[derive(Clone, Copy, Debug)]
pub struct Patience<'a> {
    /// The delays.
    pub schedule: &'a Schedule,
    /// The longest wait a `Retry-After` can ask for.
    pub retry_after_max_ms: u64,
}

/// What follows from `answer` to attempt number `tries` + 1.
#[must_use]
pub fn next(answer: &Answer, tries: u32, patience: Patience<'_>, entropy: u64, now: Micros) -> Next {
    let line = answer.line();
    let after = match answer {
        Answer::Unusable(_) => return Next::Drop(line),
        Answer::Failed(_) => None,
        Answer::Status(status, after) => match classify_callback(status.as_u16()) {
            CallbackVerdict::Delivered => return Next::Done(line),
            CallbackVerdict::Drop => return Next::Drop(line),
            CallbackVerdict::Retry => *after,
        },
    };
    let Some(delay_ms) = patience.schedule.next_delay_ms(tries + 1, entropy) else {
        return Next::Drop(format!("{line}; attempt {} was the last", tries + 1));
    };
    let after_ms = after.map(|at| u64::try_from(at.since_ms(now)).unwrap_or(0));
    let delay_ms = delay_with_retry_after_ms(delay_ms, after_ms, patience.retry_after_max_ms);
    Next::Retry(now.add_ms(i64::try_from(delay_ms).unwrap_or(i64::MAX)), line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_secs(1_000);

    fn decide(answer: &Answer, tries: u32) -> Next {
        let schedule = Schedule::callback();
        next(answer, tries, Patience { schedule: &schedule, retry_after_max_ms: 600_000 }, 0, NOW)
    }

    fn status(code: u16) -> Answer {
        Answer::Status(StatusCode::from_u16(code).unwrap(), None)
    }

    #[test]
    fn the_statuses_of_the_contract_are_delivered_dropped_or_retried() {
        for code in [200, 202, 204, 208, 226] {
            assert_eq!(decide(&status(code), 0), Next::Done(format!("HTTP {code}")));
        }
        for code in [300, 301, 308, 400, 402, 404, 405, 411, 414, 416, 418, 505] {
            assert_eq!(decide(&status(code), 0), Next::Drop(format!("HTTP {code}")));
        }
        for code in [401, 403, 412, 413, 417, 429, 500, 502, 503] {
            let again = Next::Retry(NOW.add_ms(60_000), format!("HTTP {code}"));
            assert_eq!(decide(&status(code), 0), again);
        }
    }

    #[test]
    fn the_fourth_attempt_is_the_last() {
        let failed = Answer::Failed("connection refused".to_owned());
        assert!(matches!(decide(&failed, 2), Next::Retry(..)));
        assert_eq!(decide(&failed, 3), Next::Drop("connection refused; attempt 4 was the last".to_owned()));
    }

    #[test]
    fn an_unusable_url_is_given_up_at_once_and_blames_nobody() {
        let answer = Answer::Unusable("the URL has blanks around it".to_owned());
        let next = decide(&answer, 0);
        assert_eq!(next, Next::Drop("not attempted: the URL has blanks around it".to_owned()));
        assert_eq!(next.finish(&answer), Finish::Refused);
    }

    #[test]
    fn retry_after_delays_longer_than_the_schedule_but_not_without_bound() {
        let asked = |secs: i64| {
            Answer::Status(StatusCode::SERVICE_UNAVAILABLE, Some(Micros::from_secs(1_000 + secs)))
        };
        assert_eq!(decide(&asked(120), 0), Next::Retry(NOW.add_ms(120_000), "HTTP 503".to_owned()));
        assert_eq!(decide(&asked(1), 0), Next::Retry(NOW.add_ms(60_000), "HTTP 503".to_owned()));
        assert_eq!(decide(&asked(86_400), 0), Next::Retry(NOW.add_ms(600_000), "HTTP 503".to_owned()));
    }

    #[test]
    fn a_failing_endpoint_is_failing_also_when_its_item_is_given_up() {
        let answer = status(500);
        assert_eq!(decide(&answer, 3).finish(&answer), Finish::GaveUp);
        assert_eq!(decide(&answer, 0).finish(&answer), Finish::RetryAt(NOW.add_ms(60_000), Health::Failing));
    }
}
