//! What the far side asks within the call, and the answers it gets.

use super::*;
use crate::voice::sip::ALLOWED;

impl Call {
    pub(super) fn request(&mut self, message: &Message, now: u64) {
        let method = message.method().unwrap_or_default();
        if method == "ACK" {
            let number = message.cseq().map(|(number, _)| number);
            self.unacknowledged = self.unacknowledged.take().filter(|open| Some(open.cseq) != number);
            return;
        }
        let name = format!("{method} {}", message.branch().unwrap_or_default());
        if let Some((_, bytes)) = self.answers.iter().find(|(known, _)| *known == name) {
            return self.send(bytes.clone());
        }
        let answer = self.judge(message, method, now).to_bytes();
        if self.answers.len() == ANSWERS_MAX {
            self.answers.remove(0);
        }
        self.answers.push((name, answer.clone()));
        // The answer goes out before what it brings about is told.
        self.outputs.insert(0, Output::Send(answer));
    }

    pub(super) fn judge(&mut self, message: &Message, method: &str, now: u64) -> Message {
        let number = message.cseq().map(|(number, _)| number);
        let Some(dialog) =
            self.dialog.as_mut().filter(|dialog| Some(&*dialog.remote_tag) == message.tag("From"))
        else {
            return Message::response(message, 481, "Call/Transaction Does Not Exist");
        };
        if dialog.remote_cseq >= number {
            return Message::response(message, 500, "Server Internal Error");
        }
        dialog.remote_cseq = number;
        if self.state == State::Ended && method != "BYE" {
            return Message::response(message, 481, "Call/Transaction Does Not Exist");
        }
        match method {
            "BYE" => {
                self.end(Ending::HungUpThere, now);
                Message::response(message, 200, "OK")
            }
            "INVITE" => self.reinvited(message, true, now),
            "UPDATE" => self.reinvited(message, false, now),
            "OPTIONS" | "INFO" => Message::response(message, 200, "OK").with("Allow", ALLOWED),
            _ => Message::response(message, 405, "Method Not Allowed").with("Allow", ALLOWED),
        }
    }

    pub(super) fn reinvited(&mut self, message: &Message, is_invite: bool, now: u64) -> Message {
        let body = if message.body.is_empty() {
            // Without an offer ours stands as the offer.
            Some(self.setup.offer.clone())
        } else {
            (self.setup.negotiate)(&message.body)
        };
        let Some(body) = body else { return Message::response(message, 488, "Not Acceptable Here") };
        if let Some(contact) = message.header("Contact")
            && let Some(dialog) = &mut self.dialog
        {
            crate::voice::sip::message::uri_of(contact).clone_into(&mut dialog.target);
        }
        if !message.body.is_empty() {
            self.tell(Happened::Changed(message.body.clone()));
        }
        let response = Message::response(message, 200, "OK")
            .with("Contact", format!("<{}>", self.setup.contact))
            .with_body("application/sdp", body);
        if is_invite {
            let t1 = self.setup.timers.t1;
            self.unacknowledged = Some(Unacknowledged {
                bytes: response.to_bytes(),
                cseq: message.cseq().map_or(0, |(number, _)| number),
                interval: t1,
                resend_at: now + t1,
                ends_at: now + self.setup.timers.patience(),
            });
        }
        response
    }

    pub(super) fn repeat_answer(&mut self, now: u64) {
        let Some(open) = &mut self.unacknowledged else { return };
        if open.ends_at <= now {
            // Nobody acknowledges: the session is not shared any more (13.3.1.4).
            self.unacknowledged = None;
            return self.leave(Ending::Broken, now);
        }
        if open.resend_at <= now {
            open.interval = (open.interval * 2).min(self.setup.timers.t2);
            open.resend_at = now + open.interval;
            let bytes = open.bytes.clone();
            self.send(bytes);
        }
    }
}
