//! The items of one queue in memory: those without a lane in arrival order, and the lanes.

use std::collections::{BTreeMap, VecDeque};

use waypost_core::time::Micros;

use crate::item::Item;
use crate::lane::{Lane, LaneBlock, LaneCause};

/// Items that left memory because their lease was too short for an attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// How many.
    pub(crate) items: usize,
    /// The earliest moment one of them is visible in the store.
    pub(crate) visible_at: Option<Micros>,
}

impl Dropped {
    fn add(&mut self, items: usize, visible_at: Micros) {
        if items > 0 {
            self.items += items;
            self.visible_at = Some(self.visible_at.map_or(visible_at, |at| at.min(visible_at)));
        }
    }
}

#[derive(Debug)]
pub(crate) struct Items<P> {
    plain: VecDeque<Item<P>>,
    /// Without a lane, and newer than rows that are being claimed: they go behind those.
    newer: VecDeque<Item<P>>,
    lanes: BTreeMap<i64, Lane<P>>,
    ready_lanes: VecDeque<i64>,
    waiting: usize,
    gaps: usize,
}

impl<P> Default for Items<P> {
    fn default() -> Self {
        Self {
            plain: VecDeque::new(),
            newer: VecDeque::new(),
            lanes: BTreeMap::new(),
            ready_lanes: VecDeque::new(),
            waiting: 0,
            gaps: 0,
        }
    }
}

impl<P> Items<P> {
    /// Items in memory that are not in flight.
    pub(crate) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Each of them.
    pub(crate) fn each_waiting(&self) -> impl Iterator<Item = &Item<P>> {
        let lanes = self.lanes.values().flat_map(Lane::waiting);
        self.plain.iter().chain(&self.newer).chain(lanes)
    }

    /// Those of them that do not wait for older rows to be claimed.
    pub(crate) fn ahead(&self) -> usize {
        self.waiting - self.newer.len()
    }

    /// True when an item could go out.
    pub(crate) fn has_ready(&self) -> bool {
        !self.plain.is_empty() || !self.ready_lanes.is_empty()
    }

    /// True when some lane has rows in the store that must go before newer ones.
    pub(crate) const fn has_gap(&self) -> bool {
        self.gaps > 0
    }

    /// True when there is nothing to remember.
    pub(crate) fn is_idle(&self) -> bool {
        self.plain.is_empty() && self.newer.is_empty() && self.lanes.is_empty()
    }

    /// Adds an item; `claimed` when it is the oldest row of its lane. Returns false when it was not taken, being
    /// older than one that is here.
    pub(crate) fn push(&mut self, item: Item<P>, claimed: bool) -> bool {
        if item.lane == 0 {
            self.plain.push_back(item);
            self.waiting += 1;
            return true;
        }
        let id = item.lane;
        self.lanes.entry(id).or_default();
        let taken = self.with_lane(id, |lane| lane.insert(item, claimed).is_none()).unwrap_or(false);
        self.waiting += usize::from(taken);
        taken
    }

    /// Adds an item without a lane that must wait for [`Items::join_newer`].
    pub(crate) fn push_newer(&mut self, item: Item<P>) {
        self.newer.push_back(item);
        self.waiting += 1;
    }

    /// The older rows are here: the newer items follow them.
    pub(crate) fn join_newer(&mut self) {
        self.plain.append(&mut self.newer);
    }

    /// Takes out the next item whose lease is long enough: `lease_until >= lease_min`.
    pub(crate) fn pop(&mut self, now: Micros, lease_min: Micros) -> (Option<Item<P>>, Dropped) {
        let mut dropped = Dropped::default();
        while self.has_ready() {
            let item = if self.lane_is_next() {
                self.pop_lane(now, lease_min, &mut dropped)
            } else {
                self.pop_plain()
            };
            match item {
                Some(item) if item.lease_until >= lease_min => return (Some(item), dropped),
                Some(item) => dropped.add(1, item.lease_until),
                None => {}
            }
        }
        (None, dropped)
    }

    fn pop_plain(&mut self) -> Option<Item<P>> {
        let item = self.plain.pop_front()?;
        self.waiting -= 1;
        Some(item)
    }

    /// Between the two kinds the older item goes first.
    fn lane_is_next(&self) -> bool {
        let lane = self.ready_lanes.front().and_then(|id| self.lanes.get(id)).and_then(Lane::ready);
        match (lane, self.plain.front()) {
            (Some(laned), Some(plain)) => laned < plain.id,
            (_, plain) => plain.is_none(),
        }
    }

    fn pop_lane(&mut self, now: Micros, lease_min: Micros, dropped: &mut Dropped) -> Option<Item<P>> {
        let id = self.ready_lanes.pop_front()?;
        let lane = self.lanes.get_mut(&id)?;
        lane.listed = false;
        if lane.has_short_head(lease_min) {
            self.give_up(id, now, dropped);
            return None;
        }
        let item = lane.take()?;
        self.waiting -= 1;
        Some(item)
    }

    /// The lane's item in flight is over.
    pub(crate) fn advance(&mut self, lane: i64) {
        self.with_lane(lane, Lane::advance);
    }

    /// The lane's item in flight went back to the store.
    pub(crate) fn hold(&mut self, lane: i64, now: Micros, id: i64, next_at: Micros, cause: LaneCause) {
        self.with_lane(lane, |lane| lane.hold(now, id, next_at, cause));
    }

    /// Changes a lane and keeps the lists and counts about it true.
    fn with_lane<R>(&mut self, id: i64, change: impl FnOnce(&mut Lane<P>) -> R) -> Option<R> {
        let lane = self.lanes.get_mut(&id)?;
        self.gaps -= usize::from(lane.has_gap());
        let result = change(lane);
        self.gaps += usize::from(lane.has_gap());
        if !lane.listed && lane.ready().is_some() {
            lane.listed = true;
            self.ready_lanes.push_back(id);
        }
        if lane.is_idle() {
            self.lanes.remove(&id);
        }
        Some(result)
    }

    /// A claim of `claimed_at` gave all there was.
    pub(crate) fn settle(&mut self, claimed_at: Micros, empty: bool) {
        let ids: Vec<i64> = self.lanes.iter().filter(|(_, lane)| lane.has_gap()).map(|(&id, _)| id).collect();
        for id in ids {
            self.with_lane(id, |lane| lane.settle(claimed_at, empty));
        }
    }

    /// Drops what can no longer be attempted within its lease.
    pub(crate) fn sweep(&mut self, now: Micros, lease_min: Micros) -> Dropped {
        let mut dropped = Dropped::default();
        let mut keep = |item: &Item<P>| {
            let keep = item.lease_until >= lease_min;
            dropped.add(usize::from(!keep), item.lease_until);
            keep
        };
        self.plain.retain(&mut keep);
        self.newer.retain(&mut keep);
        self.waiting -= dropped.items;
        let short = self.lanes.iter().filter(|(_, lane)| lane.has_short_lease(lease_min));
        let short: Vec<i64> = short.map(|(&id, _)| id).collect();
        short.into_iter().for_each(|id| self.give_up(id, now, &mut dropped));
        dropped
    }

    /// A lane gives up all its waiting items together: a newer one must not overtake an older one.
    fn give_up(&mut self, id: i64, now: Micros, dropped: &mut Dropped) {
        let given_up = self.with_lane(id, |lane| (lane.leases().min(), lane.give_up(now)));
        if let Some((Some(earliest), items)) = given_up {
            self.waiting -= items;
            dropped.add(items, earliest);
        }
    }

    /// The first end of a lease among the waiting items.
    pub(crate) fn first_lease_end(&self) -> Option<Micros> {
        let laned = self.lanes.values().flat_map(Lane::leases);
        self.plain.iter().chain(&self.newer).map(|item| item.lease_until).chain(laned).min()
    }

    /// The lanes that stand still, at most `n`, the longest-standing not necessarily first.
    pub(crate) fn blocked_lanes(&self, n: usize) -> Vec<(i64, LaneBlock)> {
        let blocked = self.lanes.iter().filter_map(|(&id, lane)| Some((id, lane.block_view()?)));
        blocked.take(n).collect()
    }
}
