use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn chooser(weights: &[u32]) -> Chooser {
    Chooser::new(weights.to_vec(), PoolSettings { failures_max: 2, recovery: 10 * SECOND })
}

fn turns(chooser: &mut Chooser, now: Instant, usable: &[usize], count: usize) -> Vec<usize> {
    let since = |index: usize| usable.contains(&index).then_some(now);
    (0..count).filter_map(|_| chooser.choose(now, since)).collect()
}

#[test]
fn turns_are_spread_by_weight() {
    let now = Instant::now();
    let mut chooser = chooser(&[4, 2, 1]);
    assert_eq!(turns(&mut chooser, now, &[0, 1, 2], 14), [0, 1, 0, 2, 0, 1, 0, 0, 1, 0, 2, 0, 1, 0]);
}

#[test]
fn those_that_cannot_be_used_have_no_turn() {
    let now = Instant::now();
    let mut chooser = chooser(&[1, 1, 1]);
    assert_eq!(turns(&mut chooser, now, &[0, 2], 4), [0, 2, 0, 2]);
    assert_eq!(turns(&mut chooser, now, &[], 4), Vec::<usize>::new());
}

#[test]
fn a_member_that_fails_in_a_row_is_avoided_until_it_has_held_for_a_while() {
    let start = Instant::now();
    let mut chooser = chooser(&[1, 1]);
    chooser.failed(0, start);
    chooser.succeeded(0);
    chooser.failed(0, start);
    assert!(!chooser.is_avoided(0), "a success between failures breaks the row");
    chooser.failed(0, start);
    assert!(chooser.is_avoided(0));
    chooser.succeeded(0);
    assert!(chooser.is_avoided(0), "one good answer is not enough");

    let bound_at = start + 5 * SECOND;
    let choose = |chooser: &mut Chooser, now| chooser.choose(now, |_| Some(bound_at));
    assert_eq!(choose(&mut chooser, start + 14 * SECOND), Some(1));
    assert!(chooser.is_avoided(0), "bound for nine seconds");
    choose(&mut chooser, start + 15 * SECOND);
    assert!(!chooser.is_avoided(0), "bound for ten");
}

#[test]
fn an_avoided_member_is_better_than_none() {
    let now = Instant::now();
    let mut chooser = chooser(&[1, 1]);
    for _ in 0..2 {
        chooser.failed(0, now);
    }
    assert_eq!(turns(&mut chooser, now, &[0, 1], 3), [1, 1, 1]);
    assert_eq!(turns(&mut chooser, now, &[0], 1), [0]);
}
