//! The headers of a push request (RFC 8030, section 5) and the size of its body.

use super::super::reply::Asked;

/// What a service must take at least, and most take at most.
const BODY_BYTES_MAX: usize = 4_096;
const TOPIC_CHARS_MAX: usize = 32;
const URGENCIES: [&str; 4] = ["very-low", "low", "normal", "high"];

pub(super) fn request(asked: &Asked) -> Result<(), (u16, &'static str)> {
    match asked.header("ttl") {
        None => return Err((400, "the header TTL is missing")),
        Some(ttl) if ttl.parse::<u32>().is_err() => return Err((400, "the header TTL is not a number")),
        Some(_) => {}
    }
    if asked.header("content-encoding") != Some("aes128gcm") {
        return Err((400, "the content encoding must be aes128gcm"));
    }
    let is_char = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_topic =
        |topic: &str| !topic.is_empty() && topic.len() <= TOPIC_CHARS_MAX && topic.bytes().all(is_char);
    if asked.header("topic").is_some_and(|topic| !is_topic(topic)) {
        return Err((400, "the header Topic is more than 32 characters of base64url"));
    }
    if asked.header("urgency").is_some_and(|urgency| !URGENCIES.contains(&urgency)) {
        return Err((400, "the header Urgency is unknown"));
    }
    if asked.body.len() > BODY_BYTES_MAX {
        return Err((413, "Payload Too Large"));
    }
    Ok(())
}
