//! Random operations against what must always hold.

use std::collections::HashSet;
use std::time::Duration;

use proptest::prelude::*;
use waypost_delivery::{BreakerPolicy, Finish, Health, Policy, Ticket};
use waypost_store::work::QueueKey;

use crate::world::{World, policy};

#[derive(Clone, Copy, Debug)]
enum Op {
    Accept { queue: i64, lane: i64, n: usize },
    Take,
    End { which: usize, how: u8 },
    Pass { ms: u64 },
    Abandon { queue: i64, n: usize },
    DestLimit { dest: i64, rate: u32 },
    SenderLimit { sender: i64, rate: u32 },
    Cap { dest: i64, max: usize },
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => (0i64..6, 0i64..3, 1usize..8).prop_map(|(queue, lane, n)| Op::Accept { queue, lane, n }),
        8 => Just(Op::Take),
        6 => (0usize..8, 0u8..8).prop_map(|(which, how)| Op::End { which, how }),
        3 => prop_oneof![0u64..50, 0u64..3_000, 20_000u64..40_000].prop_map(|ms| Op::Pass { ms }),
        1 => (0i64..6, 1usize..8).prop_map(|(queue, n)| Op::Abandon { queue, n }),
        1 => (0i64..3, 0u32..30).prop_map(|(dest, rate)| Op::DestLimit { dest, rate }),
        1 => (0i64..2, 0u32..30).prop_map(|(sender, rate)| Op::SenderLimit { sender, rate }),
        1 => (0i64..3, 0usize..4).prop_map(|(dest, max)| Op::Cap { dest, max }),
    ];
    prop::collection::vec(op, 1..150)
}

fn key(queue: i64) -> QueueKey {
    QueueKey {
        kind: 1,
        dest: queue % 3,
        tenant: queue % 2,
        sender: queue % 2,
        priority: (queue % 3) as u8 + 1,
    }
}

struct Run {
    world: World,
    out: Vec<Ticket<()>>,
    seen: HashSet<(i64, i64)>,
    accepted: usize,
    over: usize,
    memory_items_max: usize,
}

impl Run {
    fn new(memory_items_max: usize, per_queue_items_max: usize) -> Self {
        let breaker = BreakerPolicy { failures_in_row_max: 3, ..Default::default() };
        let policy = Policy { memory_items_max, per_queue_items_max, breaker, ..policy() };
        let world = World::new(policy);
        Self { world, out: Vec::new(), seen: HashSet::new(), accepted: 0, over: 0, memory_items_max }
    }

    fn took(&mut self, ticket: Ticket<()>) {
        let item = ticket.item();
        assert!(self.seen.insert((item.id, item.fence)), "twice under one fence: {item:?}");
        assert!(item.lease_until.since_ms(self.world.now()) >= 1_000, "the lease ends before the deadline");
        self.out.push(ticket);
    }

    fn end(&mut self, which: usize, how: u8) {
        if self.out.is_empty() {
            return;
        }
        let ticket = self.out.swap_remove(which % self.out.len());
        let at = self.world.now().add_ms(i64::from(how) * 700);
        let finish = match how {
            0..=2 => Finish::Done,
            3 => Finish::Refused,
            4 => Finish::RetryAt(at, Health::Healthy),
            5 | 6 => Finish::RetryAt(at, Health::Failing),
            _ => Finish::Lost,
        };
        let is_over = matches!(finish, Finish::Done | Finish::Refused);
        self.over += usize::from(self.world.end(ticket, finish) && is_over);
    }

    async fn apply(&mut self, op: Op) {
        let dispatcher = &self.world.dispatcher;
        match op {
            Op::Accept { queue, lane, n } => self.accepted += self.world.accept(&key(queue), lane, n).len(),
            Op::Take => {
                if let Some(ticket) = self.world.next_within(1).await {
                    self.took(ticket);
                }
            }
            Op::End { which, how } => self.end(which, how),
            Op::Pass { ms } => tokio::time::advance(Duration::from_millis(ms)).await,
            Op::Abandon { queue, n } => drop(dispatcher.admit(&key(queue), n)),
            Op::DestLimit { dest, rate } => dispatcher.set_dest_limit(dest, rate, 3),
            Op::SenderLimit { sender, rate } => dispatcher.set_sender_limit(sender, rate, 3),
            Op::Cap { dest, max } => dispatcher.set_dest_in_flight(dest, max),
        }
        assert!(self.world.dispatcher.memory_items() <= self.memory_items_max);
        let views = self.world.dispatcher.snapshot();
        assert_eq!(views.iter().map(|view| view.in_flight).sum::<usize>(), self.out.len());
    }

    /// Ends everything that is out and all that is left: nothing may be lost or stuck.
    async fn finish_all(mut self) {
        while !self.out.is_empty() {
            self.end(0, 0);
        }
        while self.over < self.accepted {
            let ticket = self.world.next_within(3_600_000).await.expect("stuck");
            self.took(ticket);
            self.end(0, 0);
        }
        assert!(self.world.store.table().rows.is_empty());
        assert!(self.world.next_within(100_000).await.is_none());
        assert_eq!(self.world.dispatcher.memory_items(), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_item_goes_out_twice_under_one_fence_and_none_is_lost(
        ops in ops(), memory in 1usize..60, per_queue in 1usize..30
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut run = Run::new(memory, per_queue);
            for op in ops {
                run.apply(op).await;
            }
            run.finish_all().await;
        });
    }
}
