//! What the far side answers to the call's own requests.

use super::*;

impl Call {
    pub(super) fn response(&mut self, message: &Message, status: u16, now: u64) {
        let method = message.cseq().map(|(_, method)| method.to_owned());
        if method.as_deref() == Some("INVITE") {
            // A 2xx is repeated, and may come from a second phone, after its transaction is over (13.2.2.4).
            if (200..300).contains(&status) && self.invite.is_over() {
                return self.answered_again(message, now);
            }
            if self.invite.is_of(message) {
                self.invited(message, status, now);
            }
            return;
        }
        let Some(place) = self.others.iter().position(|other| other.is_of(message)) else { return };
        let challenged = matches!(status, 401 | 407) && method.as_deref() == Some("BYE");
        let (heard, _) = self.others[place].receive(status, Vec::new, now);
        if challenged && heard == Heard::News {
            self.bye_again(place, message, now);
        }
        self.others.retain(|other| !other.is_over());
    }

    pub(super) fn bye_again(&mut self, place: usize, challenge: &Message, now: u64) {
        if self.others[place].request().header("Authorization").is_some()
            || self.others[place].request().header("Proxy-Authorization").is_some()
        {
            return;
        }
        let uri = match &self.others[place].request().start {
            crate::voice::sip::message::Start::Request { uri, .. } => uri.clone(),
            crate::voice::sip::message::Start::Response { .. } => return,
        };
        let Some((name, value)) = self.authorization(challenge, "BYE", &uri) else { return };
        let Some(dialog) = self.dialog.clone() else { return };
        self.cseq += 1;
        let bye = self.in_dialog(&dialog, "BYE", self.cseq).with(name, value);
        self.start_other(bye, now);
    }

    pub(super) fn invited(&mut self, message: &Message, status: u16, now: u64) {
        let ack = self.refusal_ack(message);
        let (heard, wish) = self.invite.receive(status, || ack, now);
        if let Some(Wish::Send(bytes)) = wish {
            self.send(bytes);
        }
        if heard == Heard::Again {
            return;
        }
        match status {
            100..=199 => self.provisional(status, now),
            200..=299 => self.answered(message, now),
            401 | 407 if self.challenged(message, now) => {}
            _ => self.refused(message, status, now),
        }
    }

    /// The ACK of a refusal belongs to the INVITE's own transaction (17.1.1.3).
    pub(super) fn refusal_ack(&self, response: &Message) -> Vec<u8> {
        let invite = self.invite.request();
        let via = invite.header("Via").unwrap_or_default().to_owned();
        let to = response.header("To").unwrap_or_default().to_owned();
        self.head("ACK", &self.setup.remote_uri, via, to, self.cseq).to_bytes()
    }

    pub(super) fn provisional(&mut self, status: u16, now: u64) {
        if matches!(self.state, State::Cancelling(_)) {
            if !self.others.iter().any(|other| other.request().method() == Some("CANCEL")) {
                self.send_cancel(now);
            }
            return;
        }
        self.tried();
        if status > 100 && !self.is_ringing {
            self.is_ringing = true;
            self.tell(Happened::Ringing);
        }
    }

    pub(super) fn tried(&mut self) {
        if !self.is_tried {
            self.is_tried = true;
            self.tell(Happened::Trying);
        }
    }

    pub(super) fn answered(&mut self, message: &Message, now: u64) {
        self.tried();
        let dialog = Dialog::confirmed(message, &self.setup.remote_uri);
        self.acknowledge(&dialog);
        self.dialog = Some(dialog);
        match self.state.clone() {
            // Picked up while our CANCEL was under way: it is hung up at once.
            State::Cancelling(why) => self.leave(why, now),
            State::Inviting => {
                self.state = State::Talking;
                self.ring_until = None;
                self.tell(Happened::Answered(message.body.clone()));
            }
            State::Talking | State::Ended => {}
        }
    }

    pub(super) fn acknowledge(&mut self, dialog: &Dialog) {
        let cseq = self.invite.request().cseq().map_or(self.cseq, |(cseq, _)| cseq);
        let ack = self.in_dialog(dialog, "ACK", cseq).to_bytes();
        self.ack = Some(ack.clone());
        self.send(ack);
    }

    pub(super) fn answered_again(&mut self, message: &Message, now: u64) {
        let known = self.dialog.as_ref().map(|dialog| dialog.remote_tag.clone());
        if known.as_deref() == message.tag("To") {
            if let Some(ack) = self.ack.clone() {
                self.send(ack);
            }
            return;
        }
        // A second phone picked up, or the only one after we had given up: it is hung up at once.
        let dialog = Dialog::confirmed(message, &self.setup.remote_uri);
        let first = self.ack.take();
        self.acknowledge(&dialog);
        self.ack = first.or_else(|| self.ack.take());
        let closing =
            |other: &ClientTransaction| other.request().tag("To") == Some(dialog.remote_tag.as_str());
        if !self.others.iter().any(closing) {
            self.bye(&dialog, now);
        }
    }

    pub(super) fn authorization(
        &mut self,
        message: &Message,
        method: &str,
        uri: &str,
    ) -> Option<(&'static str, String)> {
        let (asks, name) = match message.status()? {
            401 => ("WWW-Authenticate", "Authorization"),
            _ => ("Proxy-Authenticate", "Proxy-Authorization"),
        };
        let who = self.setup.credentials.clone()?;
        let challenge = Challenge::choose(message.all(asks))?;
        let cnonce = (self.setup.tokens)();
        self.nonce_count = 1;
        Some((name, challenge.answer(&who, method, uri, &cnonce, self.nonce_count)))
    }

    /// Answers a challenge, once; false when it cannot be or was already.
    pub(super) fn challenged(&mut self, message: &Message, now: u64) -> bool {
        if std::mem::replace(&mut self.authorised, true) || self.state != State::Inviting {
            return false;
        }
        let uri = self.setup.remote_uri.clone();
        let Some(authorization) = self.authorization(message, "INVITE", &uri) else { return false };
        self.invite(Some(authorization), now);
        true
    }

    pub(super) fn refused(&mut self, message: &Message, status: u16, now: u64) {
        let ending = match self.state.clone() {
            State::Cancelling(why) => why,
            _ if status == 487 => Ending::CutWhileRinging,
            _ => Ending::Refused { status, reason: message.reason().to_owned() },
        };
        self.end(ending, now);
    }
}
