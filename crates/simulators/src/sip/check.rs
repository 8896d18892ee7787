//! What a provider insists on (RFC 3261, 8.1.1, 12.2.1.1).

use waypost_channels::voice::sdp;
use waypost_channels::voice::sip::message::Message;

/// What is missing or wrong in a request.
pub(super) fn check(request: &Message) -> Result<(), &'static str> {
    let method = request.method().unwrap_or_default();
    for (name, missing) in [
        ("Via", "Via is missing"),
        ("From", "From is missing"),
        ("To", "To is missing"),
        ("Call-ID", "Call-ID is missing"),
        ("Max-Forwards", "Max-Forwards is missing"),
    ] {
        request.header(name).ok_or(missing)?;
    }
    if !request.branch().is_some_and(|branch| branch.starts_with("z9hG4bK")) {
        return Err("the branch has no magic cookie");
    }
    request.tag("From").ok_or("From has no tag")?;
    match request.cseq() {
        Some((_, named)) if named == method => {}
        _ => return Err("CSeq does not name the method"),
    }
    match method {
        "INVITE" => {
            request.header("Contact").ok_or("Contact is missing")?;
            sdp::read(&request.body).ok_or("the session description offers nothing we speak")?;
        }
        "BYE" | "ACK" => {
            request.tag("To").ok_or("To has no tag")?;
        }
        _ => {}
    }
    Ok(())
}
