//! One device's session while it is connected: its topics and what is under way to it. No I/O.

use std::collections::BTreeMap;

use bytes::BytesMut;

use crate::desk::{Admitted, Parcel, Qos, Settled, Topics};
use crate::packet;

/// Topics of policy changes one device may subscribe to.
const TOPICS_MAX: usize = 8;
/// Longest name of a kind of device in a topic.
const OS_BYTES_MAX: usize = 64;

/// How far a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Sent at quality 1; PUBACK ends it.
    Sent,
    /// Sent at quality 2; PUBREC moves it on.
    Offered,
    /// PUBREL is sent; PUBCOMP ends it.
    Released,
}

/// The session.
#[derive(Debug)]
pub struct Session {
    app_id: String,
    inbox: String,
    topics: Topics,
    under_way: BTreeMap<u16, (i64, Stage)>,
    room: usize,
    last: i64,
    /// Parcels up to this one may have been sent by an earlier connection.
    old: i64,
}

impl Session {
    /// The session of a device that was let in; `room` parcels may be under way.
    pub fn new(admitted: Admitted, clean: bool, room: usize) -> Self {
        let Admitted { app_id, user_id, topics, .. } = admitted;
        let topics = if clean { Topics::new() } else { topics.unwrap_or_default() };
        let inbox = format!("{app_id}/{user_id}");
        Self { app_id, inbox, topics, under_way: BTreeMap::new(), room, last: 0, old: i64::MAX }
    }

    /// What it has subscribed to.
    pub const fn topics(&self) -> &Topics {
        &self.topics
    }

    /// The newest parcel that was handed to it.
    pub const fn last(&self) -> i64 {
        self.last
    }

    /// Parcels it can be handed now: none before it has subscribed.
    pub fn room(&self) -> usize {
        if self.topics.contains_key(&self.inbox) { self.room.saturating_sub(self.under_way.len()) } else { 0 }
    }

    /// Parcels to ask for: those there is room for, and those under way, which come again after [`Self::look_again`].
    pub fn ask_for(&self) -> usize {
        self.room() + self.under_way.len()
    }

    /// What waits is looked through from the beginning: another server may have kept something with a lower number.
    pub const fn look_again(&mut self) {
        self.last = 0;
    }

    /// Says that what waits has been looked through once: what comes from now on was never sent.
    pub const fn caught_up(&mut self) {
        if self.old == i64::MAX {
            self.old = self.last;
        }
    }

    /// Subscribes: what each filter is granted. A device may read its own topics, and no filter is a pattern.
    pub fn subscribe(&mut self, filters: Vec<(String, Qos)>) -> Vec<Option<Qos>> {
        let grant = |(filter, qos): (String, Qos)| {
            let known = self.topics.contains_key(&filter);
            let room = known || self.topics.len() < TOPICS_MAX;
            if !room || !may_read(&self.app_id, &self.inbox, &filter) {
                return None;
            }
            self.topics.insert(filter, qos);
            Some(qos)
        };
        filters.into_iter().map(grant).collect()
    }

    /// Unsubscribes; what was not subscribed to is no error.
    pub fn unsubscribe(&mut self, filters: &[String]) {
        for filter in filters {
            self.topics.remove(filter);
        }
    }

    /// Sends a parcel; what is settled by that alone. Those of a session come in order.
    pub fn send(&mut self, parcel: Parcel, out: &mut BytesMut) -> Option<Settled> {
        let Parcel { id, packet, received, payload } = parcel;
        let again = self.old == i64::MAX || id <= self.old;
        self.last = id;
        if self.under_way.contains_key(&packet) || self.room() == 0 {
            return None;
        }
        let qos = self.topics.get(&self.inbox).copied().unwrap_or(Qos::AtLeastOnce);
        if received {
            packet::release(packet, out);
            self.under_way.insert(packet, (id, Stage::Released));
            return None;
        }
        packet::publish(&self.inbox, qos, packet, payload, again, out);
        let stage = match qos {
            Qos::AtMostOnce => return Some(Settled::Done(id)),
            Qos::AtLeastOnce => Stage::Sent,
            Qos::ExactlyOnce => Stage::Offered,
        };
        self.under_way.insert(packet, (id, stage));
        None
    }

    /// PUBACK.
    pub fn acknowledged(&mut self, packet: u16) -> Option<Settled> {
        self.ends(packet, Stage::Sent)
    }

    /// PUBREC: to be kept before [`Self::released`] answers it.
    pub fn received(&mut self, packet: u16) -> Option<Settled> {
        match self.under_way.get_mut(&packet) {
            Some((id, stage @ Stage::Offered)) => {
                *stage = Stage::Released;
                Some(Settled::Received(*id))
            }
            _ => None,
        }
    }

    /// PUBCOMP.
    pub fn completed(&mut self, packet: u16) -> Option<Settled> {
        self.ends(packet, Stage::Released)
    }

    fn ends(&mut self, packet: u16, expected: Stage) -> Option<Settled> {
        let (id, _) = self.under_way.get(&packet).filter(|(_, stage)| *stage == expected)?;
        let id = *id;
        self.under_way.remove(&packet);
        Some(Settled::Done(id))
    }
}

/// Whether a device may subscribe to a topic: its own `inbox`, `{appId}/{userId}`, and the changes of its app's policy for one
/// kind of device, `{appId}/Updates/{os}` (spec 8.3). No pattern is either.
#[must_use]
pub fn may_read(app_id: &str, inbox: &str, topic: &str) -> bool {
    let updates = || topic.strip_prefix(app_id).and_then(|rest| rest.strip_prefix("/Updates/"));
    let is_os = |os: &str| !os.is_empty() && os.len() <= OS_BYTES_MAX && !os.contains(['/', '+', '#', '\0']);
    topic == inbox || updates().is_some_and(is_os)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn session(topics: Option<Topics>) -> Session {
        let admitted = Admitted { session: 1, app_id: "MU1".to_owned(), user_id: "ann".to_owned(), topics };
        Session::new(admitted, false, 2)
    }

    fn subscribed(qos: Qos) -> Session {
        let mut session = session(None);
        assert_eq!(session.subscribe(vec![("MU1/ann".to_owned(), qos)]), [Some(qos)]);
        session
    }

    fn parcel(id: i64, packet: u16) -> Parcel {
        Parcel { id, packet, received: false, payload: Bytes::from_static(b"{}") }
    }

    #[test]
    fn a_device_reads_its_own_topics_and_no_others() {
        let mut session = session(None);
        let wanted = [
            "MU1/ann",
            "MU1/Updates/web",
            "MU1/bob",
            "MU1/#",
            "#",
            "MU1/+",
            "MU1/Updates/",
            "MU1/Updates/#",
            "MU2/ann",
            "MU1/ann/x",
            "MU10/Updates/web",
        ];
        let asked = wanted.map(|filter| (filter.to_owned(), Qos::ExactlyOnce)).to_vec();
        let granted = session.subscribe(asked);
        let yes = Some(Qos::ExactlyOnce);
        assert_eq!(granted, [yes, yes, None, None, None, None, None, None, None, None, None]);
        assert_eq!(session.topics().len(), 2);
    }

    #[test]
    fn nothing_is_sent_before_the_subscription_and_then_no_more_than_there_is_room_for() {
        let mut session = session(None);
        assert_eq!(session.room(), 0);
        session.subscribe(vec![("MU1/ann".to_owned(), Qos::AtLeastOnce)]);
        assert_eq!(session.room(), 2);
        let mut out = BytesMut::new();
        assert_eq!(session.send(parcel(10, 1), &mut out), None);
        assert_eq!((session.room(), session.last()), (1, 10));
        assert_eq!(session.acknowledged(1), Some(Settled::Done(10)));
        assert_eq!(session.acknowledged(1), None, "twice");
        assert_eq!(session.room(), 2);
        session.unsubscribe(&["MU1/ann".to_owned()]);
        assert_eq!(session.room(), 0);
    }

    #[test]
    fn at_quality_2_a_parcel_is_received_then_completed_and_only_in_this_order() {
        let mut session = subscribed(Qos::ExactlyOnce);
        let mut out = BytesMut::new();
        session.send(parcel(10, 7), &mut out);
        assert_eq!(session.acknowledged(7), None);
        assert_eq!(session.completed(7), None);
        assert_eq!(session.received(7), Some(Settled::Received(10)));
        assert_eq!(session.received(7), None, "twice");
        assert_eq!(session.completed(7), Some(Settled::Done(10)));
        assert_eq!(session.room(), 2);
    }

    #[test]
    fn what_a_device_received_before_it_left_is_released_and_not_sent_again() {
        let mut session = subscribed(Qos::ExactlyOnce);
        let mut out = BytesMut::new();
        session.send(Parcel { received: true, ..parcel(10, 7) }, &mut out);
        assert_eq!(&out[..], [0x62, 2, 0, 7]);
        assert_eq!(session.completed(7), Some(Settled::Done(10)));
    }

    #[test]
    fn only_what_may_have_been_sent_by_an_earlier_connection_is_marked_as_a_repetition() {
        let mut session = subscribed(Qos::AtLeastOnce);
        let mut out = BytesMut::new();
        session.send(parcel(10, 1), &mut out);
        assert_eq!(out[0], 0x3a);
        session.caught_up();
        out.clear();
        session.send(parcel(11, 2), &mut out);
        assert_eq!(out[0], 0x32);
    }

    #[test]
    fn what_is_under_way_is_not_sent_twice_when_what_waits_is_looked_through_again() {
        let mut session = subscribed(Qos::AtLeastOnce);
        let mut out = BytesMut::new();
        session.send(parcel(10, 1), &mut out);
        out.clear();
        session.look_again();
        assert_eq!((session.last(), session.ask_for()), (0, 2));
        session.send(parcel(10, 1), &mut out);
        assert!(out.is_empty());
        session.send(parcel(9, 2), &mut out);
        assert!(!out.is_empty());
    }

    #[test]
    fn at_quality_0_a_parcel_is_done_when_it_is_sent() {
        let mut session = subscribed(Qos::AtMostOnce);
        let mut out = BytesMut::new();
        assert_eq!(session.send(parcel(10, 1), &mut out), Some(Settled::Done(10)));
        assert_eq!(session.room(), 2);
    }

    #[test]
    fn a_session_goes_on_with_what_was_subscribed_to_unless_it_is_to_be_clean() {
        let topics = Topics::from([("MU1/ann".to_owned(), Qos::ExactlyOnce)]);
        assert_eq!(session(Some(topics.clone())).room(), 2);
        let admitted = Admitted {
            session: 1,
            app_id: "MU1".to_owned(),
            user_id: "ann".to_owned(),
            topics: Some(topics),
        };
        assert_eq!(Session::new(admitted, true, 2).room(), 0);
    }
}
