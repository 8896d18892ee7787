//! Calls that the called party hangs up.

use std::collections::HashMap;
use std::net::SocketAddr;

use waypost_channels::voice::sip::message::{Message, uri_of};

/// Calls that wait for their acknowledgement at most.
const WAITING_MAX: usize = 10_000;

/// The BYE of each call that is to be hung up, by the call's name.
#[derive(Debug, Default)]
pub(super) struct HangUps(HashMap<String, Message>);

impl HangUps {
    /// Has the call of this INVITE, answered with `answer`, hung up once it is acknowledged.
    pub(super) fn plan(&mut self, invite: &Message, answer: &Message, home: SocketAddr) {
        let (Some(call), Some(contact)) = (invite.call_id(), invite.header("Contact")) else { return };
        if self.0.len() == WAITING_MAX {
            self.0.clear();
        }
        let header = |message: &Message, name: &str| message.header(name).unwrap_or_default().to_owned();
        let branch = invite.branch().unwrap_or_default();
        let bye = Message::request("BYE", uri_of(contact))
            .with("Via", format!("SIP/2.0/UDP {home};branch={branch}bye"))
            .with("Max-Forwards", "70")
            .with("From", header(answer, "To"))
            .with("To", header(invite, "From"))
            .with("Call-ID", call)
            .with("CSeq", "1 BYE");
        self.0.insert(call.to_owned(), bye);
    }

    /// The BYE of a call, once.
    pub(super) fn take(&mut self, call: &str) -> Option<Message> {
        self.0.remove(call)
    }
}
