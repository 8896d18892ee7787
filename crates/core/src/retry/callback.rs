//! What the answer to a notification means (spec 4.1).

/// What to do after a call-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallbackVerdict {
    /// The receiver has it.
    Delivered,
    /// The receiver will never take it: give up.
    Drop,
    /// Try again by the schedule. Also the verdict on a failed connection or a time-out.
    Retry,
}

/// The verdict on an HTTP status. What the contract does not list is retried.
#[must_use]
pub const fn classify_callback(status: u16) -> CallbackVerdict {
    match status {
        // The contract names 200, 202-208 and 226 as the end of the delivery. Any other 2xx says the same.
        200..=299 => CallbackVerdict::Delivered,
        300..=308 | 400 | 402 | 404..=411 | 414..=416 | 418 | 505 => CallbackVerdict::Drop,
        _ => CallbackVerdict::Retry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_the_verdict_of_the_contract() {
        let check = |statuses: &[u16], verdict| {
            for status in statuses {
                assert_eq!(classify_callback(*status), verdict, "{status}");
            }
        };
        check(&[200, 201, 202, 204, 208, 226], CallbackVerdict::Delivered);
        check(&[300, 301, 302, 307, 308], CallbackVerdict::Drop);
        check(&[400, 402, 404, 405, 409, 410, 411, 414, 415, 416, 418, 505], CallbackVerdict::Drop);
        check(
            &[401, 403, 412, 413, 417, 422, 429, 500, 502, 503, 504, 599, 100, 999],
            CallbackVerdict::Retry,
        );
    }
}
