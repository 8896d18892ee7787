//! What a request that belongs to no call of ours is answered with. No state is kept: the same request gets the same answer
//! (RFC 3261, 8.2.7).

use std::hash::{DefaultHasher, Hash, Hasher};

use super::message::Message;
use super::{AGENT, ALLOWED};

/// Said to whoever calls in. The contract has no shape in which a call that comes in could be told of (spec 4.3), so nobody
/// would hear of one that was taken.
const NO_CALLS: &str = r#"399 waypost "This trunk places calls and takes none""#;

/// The answer; none to an ACK, which is never answered.
#[must_use]
pub fn answer(request: &Message) -> Option<Message> {
    let answer = match request.method()? {
        "ACK" => return None,
        "OPTIONS" => Message::response(request, 200, "OK").with("Allow", ALLOWED),
        "INVITE" => Message::response(request, 403, "Forbidden").with("Warning", NO_CALLS),
        _ => Message::response(request, 481, "Call/Transaction Does Not Exist"),
    };
    Some(tagged(answer, request).with("User-Agent", AGENT))
}

/// A tag follows from the request, so that a repetition gets the same. One that has a tag belongs to a dialog that is over.
fn tagged(mut answer: Message, request: &Message) -> Message {
    let to = request.header("To").unwrap_or_default();
    if request.tag("To").is_none() {
        let mut hasher = DefaultHasher::new();
        (request.call_id(), request.branch(), request.tag("From")).hash(&mut hasher);
        answer.set("To", format!("{to};tag={:016x}", hasher.finish()));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str) -> Message {
        Message::request(method, "sip:453745878@here")
            .with("Via", "SIP/2.0/UDP far;branch=z9hG4bK1")
            .with("From", "<sip:447700900001@far>;tag=1")
            .with("To", "<sip:453745878@here>")
            .with("Call-ID", "c1")
            .with("CSeq", format!("1 {method}"))
    }

    #[test]
    fn who_calls_in_is_refused_with_the_reason_and_each_time_alike() {
        let first = answer(&request("INVITE")).unwrap();
        assert_eq!((first.status(), first.header("Warning")), (Some(403), Some(NO_CALLS)));
        assert!(first.tag("To").is_some());
        assert_eq!(answer(&request("INVITE")).unwrap().to_bytes(), first.to_bytes());
        assert_eq!(answer(&request("ACK")), None);
    }

    #[test]
    fn who_asks_whether_we_are_there_is_told_and_a_dialog_that_is_over_is_unknown() {
        let options = answer(&request("OPTIONS")).unwrap();
        assert_eq!((options.status(), options.header("Allow")), (Some(200), Some(ALLOWED)));
        let mut bye = request("BYE");
        bye.set("To", "<sip:453745878@here>;tag=9".to_owned());
        let gone = answer(&bye).unwrap();
        assert_eq!((gone.status(), gone.header("To")), (Some(481), Some("<sip:453745878@here>;tag=9")));
    }
}
