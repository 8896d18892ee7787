//! One lane: items that go one at a time, in the order of their ids.
//!
//! Part of a lane may lie in the store: an item that waits for its retry, or items whose lease ran out in
//! memory. The *gap* is the span of ids that may be there. Nothing at or behind the gap's start goes out before
//! the store has given that row back (a claim gives out the oldest row of a lane, so what it gives closes the
//! gap up to there).

use std::collections::BTreeMap;

use waypost_core::time::Micros;

use crate::item::Item;

/// Why a lane stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneCause {
    /// Its oldest item is to be tried again.
    Retry,
    /// Its oldest item's worker ended without a result; the lease has to run out.
    Lost,
    /// Its items waited in memory until their lease was too short for an attempt.
    Lease,
}

/// A lane that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneBlock {
    /// Since when nothing of the lane got through; kept over repeated retries.
    pub since: Micros,
    /// The item everything waits for.
    pub head: i64,
    /// When it may be tried again.
    pub next_at: Micros,
    /// Why it stands still.
    pub cause: LaneCause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    from: i64,
    to: i64,
    /// From here on all of its rows are visible, if they are still there.
    until: Micros,
}

#[derive(Debug)]
pub(crate) struct Lane<P> {
    items: BTreeMap<i64, Item<P>>,
    in_flight: bool,
    gap: Option<Gap>,
    block: Option<LaneBlock>,
    /// True while the lane's turn is in the queue's list of ready lanes.
    pub(crate) listed: bool,
}

impl<P> Default for Lane<P> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), in_flight: false, gap: None, block: None, listed: false }
    }
}

impl<P> Lane<P> {
    /// Adds an item; of two with one id the newer fence stays. Gives back the one that does not.
    pub(crate) fn insert(&mut self, item: Item<P>, claimed: bool) -> Option<Item<P>> {
        if claimed {
            self.close_gap(item.id);
        }
        match self.items.get(&item.id) {
            Some(held) if held.fence >= item.fence => Some(item),
            _ => self.items.insert(item.id, item),
        }
    }

    /// The store gave `head` as the oldest row: whatever was before it is gone.
    fn close_gap(&mut self, head: i64) {
        self.gap = match self.gap {
            Some(gap) if head >= gap.to => None,
            Some(gap) => Some(Gap { from: gap.from.max(head.saturating_add(1)), ..gap }),
            None => None,
        };
    }

    fn widen_gap(&mut self, id: i64, until: Micros) {
        let gap = self.gap.unwrap_or(Gap { from: id, to: id, until });
        self.gap = Some(Gap { from: gap.from.min(id), to: gap.to.max(id), until: gap.until.max(until) });
    }

    /// A claim of `claimed_at` found no row of this lane: when all of the gap was visible by then, its rows are
    /// gone (an operator removed them). `empty`: the queue has no row at all.
    pub(crate) fn settle(&mut self, claimed_at: Micros, empty: bool) {
        let gone =
            self.items.is_empty() && !self.in_flight && self.gap.is_some_and(|gap| gap.until <= claimed_at);
        if gone || empty {
            self.gap = None;
            self.block = None;
        }
    }

    /// The id that may go out now.
    pub(crate) fn ready(&self) -> Option<i64> {
        let (&id, _) = self.items.first_key_value()?;
        let behind_gap = self.gap.is_some_and(|gap| id >= gap.from);
        (!self.in_flight && !behind_gap).then_some(id)
    }

    /// Takes out the item that may go out now.
    pub(crate) fn take(&mut self) -> Option<Item<P>> {
        self.ready()?;
        let (_, item) = self.items.pop_first()?;
        self.in_flight = true;
        Some(item)
    }

    /// The item in flight is over: the next may follow.
    pub(crate) const fn advance(&mut self) {
        self.in_flight = false;
        self.block = None;
    }

    /// The item in flight went back to the store: the lane waits for it.
    pub(crate) fn hold(&mut self, now: Micros, id: i64, next_at: Micros, cause: LaneCause) {
        self.in_flight = false;
        // Strictly after now: a claim that began before this moment says nothing about the row.
        self.widen_gap(id, next_at.max(Micros(now.0.saturating_add(1))));
        self.block(now, id, next_at, cause);
    }

    fn block(&mut self, now: Micros, head: i64, next_at: Micros, cause: LaneCause) {
        let since = self.block.map_or(now, |block| block.since);
        self.block = Some(LaneBlock { since, head, next_at, cause });
    }

    /// The items that wait.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Item<P>> {
        self.items.values()
    }

    /// True when some item's lease ends before `until`.
    pub(crate) fn has_short_lease(&self, until: Micros) -> bool {
        self.items.values().any(|item| item.lease_until < until)
    }

    /// True when the lease of the item that is next ends before `until`.
    pub(crate) fn has_short_head(&self, until: Micros) -> bool {
        self.items.first_key_value().is_some_and(|(_, item)| item.lease_until < until)
    }

    /// Gives up every waiting item: their rows become visible when their leases end. Returns how many.
    pub(crate) fn give_up(&mut self, now: Micros) -> usize {
        let items = std::mem::take(&mut self.items);
        for item in items.values() {
            self.widen_gap(item.id, item.lease_until);
        }
        if let Some((&head, item)) = items.first_key_value()
            && !self.in_flight
        {
            self.block(now, head, item.lease_until, LaneCause::Lease);
        }
        items.len()
    }

    pub(crate) const fn block_view(&self) -> Option<LaneBlock> {
        self.block
    }

    pub(crate) const fn has_gap(&self) -> bool {
        self.gap.is_some()
    }

    pub(crate) fn leases(&self) -> impl Iterator<Item = Micros> + '_ {
        self.items.values().map(|item| item.lease_until)
    }

    /// True when there is nothing to remember.
    pub(crate) fn is_idle(&self) -> bool {
        self.items.is_empty() && !self.in_flight && self.gap.is_none() && !self.listed && self.block.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Micros = Micros(1_000_000);

    fn item(id: i64, fence: i64) -> Item<()> {
        let lease_until = T0.add_ms(60_000);
        Item { id, fence, tries: 0, lane: 1, subject: id, lease_until, expires_at: None, payload: () }
    }

    fn lane(ids: &[i64]) -> Lane<()> {
        let mut lane = Lane::default();
        for &id in ids {
            assert_eq!(lane.insert(item(id, 1), false), None);
        }
        lane
    }

    #[test]
    fn one_goes_at_a_time_in_the_order_of_ids() {
        let mut lane = lane(&[3, 1, 2]);
        for id in 1..=3 {
            assert_eq!(lane.take().map(|i| i.id), Some(id));
            assert_eq!(lane.take(), None);
            lane.advance();
        }
        assert!(lane.is_idle());
    }

    #[test]
    fn a_retry_holds_the_followers_until_the_store_gives_the_head_back() {
        let mut lane = lane(&[1, 2]);
        assert!(lane.take().is_some());
        lane.hold(T0, 1, T0.add_ms(500), LaneCause::Retry);
        assert_eq!(lane.ready(), None);
        assert_eq!(lane.insert(item(1, 2), true), None);
        assert_eq!(lane.take().map(|i| (i.id, i.fence)), Some((1, 2)));
        lane.hold(T0.add_ms(600), 1, T0.add_ms(900), LaneCause::Retry);
        let expected = LaneBlock { since: T0, head: 1, next_at: T0.add_ms(900), cause: LaneCause::Retry };
        assert_eq!(lane.block_view(), Some(expected));
        assert_eq!(lane.insert(item(1, 3), true), None);
        assert!(lane.take().is_some());
        lane.advance();
        assert_eq!((lane.block_view(), lane.ready()), (None, Some(2)));
    }

    #[test]
    fn a_head_that_an_operator_removed_is_not_waited_for() {
        let mut lane = lane(&[1]);
        assert!(lane.take().is_some());
        lane.hold(T0, 1, T0.add_ms(500), LaneCause::Retry);
        assert_eq!(lane.insert(item(4, 1), true), None);
        assert_eq!(lane.ready(), Some(4));
    }

    #[test]
    fn after_a_lease_ran_out_newer_items_wait_for_all_that_went_back() {
        let mut lane = lane(&[1, 2, 3]);
        assert_eq!(lane.give_up(T0), 3);
        assert_eq!(lane.insert(item(4, 1), false), None);
        for id in 1..=3 {
            assert_eq!(lane.ready(), None);
            assert_eq!(lane.insert(item(id, 2), true), None);
            assert_eq!(lane.take().map(|i| i.id), Some(id));
            lane.advance();
        }
        assert_eq!(lane.ready(), Some(4));
    }

    #[test]
    fn a_gap_whose_rows_are_all_gone_is_closed_by_a_claim_that_began_after_they_were_visible() {
        let mut lane = lane(&[1]);
        assert!(lane.take().is_some());
        lane.hold(T0, 1, T0, LaneCause::Retry);
        lane.settle(T0, false);
        assert!(lane.has_gap());
        lane.settle(T0.add_ms(1), false);
        assert!(lane.is_idle());
    }

    #[test]
    fn of_one_id_twice_the_newer_fence_stays() {
        let mut lane = lane(&[1]);
        assert_eq!(lane.insert(item(1, 2), true).map(|i| i.fence), Some(1));
        assert_eq!(lane.insert(item(1, 1), true).map(|i| i.fence), Some(1));
        assert_eq!(lane.take().map(|i| i.fence), Some(2));
    }
}
