use super::*;

const MILLI: Duration = Duration::from_millis(1);

#[test]
fn without_a_rate_everything_goes() {
    let mut pacer = Pacer::new(0, 100 * MILLI);
    let now = Instant::now();
    assert_eq!((pacer.allowance(now, 70), pacer.next_at(now)), (70, None));
    pacer.spend(now, 70);
    assert_eq!((pacer.allowance(now, 70), pacer.next_at(now)), (70, None));
}

#[test]
fn a_rate_allows_bursts_of_a_tenth_of_a_second_and_the_rate_after_that() {
    let mut pacer = Pacer::new(100, 100 * MILLI);
    let start = Instant::now();
    assert_eq!(pacer.allowance(start, 1000), 10);
    pacer.spend(start, 10);
    assert_eq!((pacer.allowance(start, 1), pacer.next_at(start)), (0, Some(start + 10 * MILLI)));
    let mut sent = 10;
    let mut now = start;
    for _ in 0..1000 {
        now += MILLI;
        let count = pacer.allowance(now, 1000);
        pacer.spend(now, count);
        sent += count;
    }
    assert_eq!(sent, 110, "a burst and one second's worth");
}

#[test]
fn a_rate_of_one_is_one_a_second() {
    let mut pacer = Pacer::new(1, MILLI);
    let now = Instant::now();
    assert_eq!(pacer.allowance(now, 5), 1);
    pacer.spend(now, 1);
    assert_eq!(pacer.next_at(now), Some(now + 1000 * MILLI));
    assert_eq!(pacer.allowance(now + 1000 * MILLI, 5), 1);
}

#[test]
fn pauses_double_to_a_limit_and_recover_in_quiet() {
    let mut pacer = Pacer::new(0, 100 * MILLI);
    let mut now = Instant::now();
    let mut pauses = Vec::new();
    for _ in 0..9 {
        pacer.throttled(now);
        // What was already out is refused as well, and that is no news.
        pacer.throttled(now + MILLI);
        let until = pacer.paused_until(now).unwrap();
        assert_eq!((pacer.allowance(now, 1), pacer.next_at(now)), (0, Some(until)));
        pauses.push((until - now).as_millis());
        now = until;
        assert_eq!((pacer.allowance(now, 1), pacer.paused_until(now)), (1, None));
    }
    assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 6400, 6400]);
    pacer.accepted(now);
    pacer.throttled(now);
    assert_eq!(pacer.paused_until(now), Some(now + 6400 * MILLI), "no recovery without a quiet spell");
    for _ in 0..20 {
        now += 13_000 * MILLI;
        pacer.accepted(now);
    }
    pacer.throttled(now);
    assert_eq!(pacer.paused_until(now), Some(now + 100 * MILLI), "all is forgotten");
}

#[test]
fn reconnects_back_off_with_jitter_and_start_over_after_a_good_link() {
    let mut backoff = Backoff::new(100 * MILLI, 500 * MILLI);
    let pauses: Vec<_> = (0..5).map(|_| backoff.pause(1.0)).collect();
    assert_eq!(pauses, [100, 200, 400, 500, 500].map(|millis| millis * MILLI));
    assert_eq!(backoff.pause(0.0), 250 * MILLI);
    backoff.held(499 * MILLI);
    assert_eq!(backoff.pause(1.0), 500 * MILLI, "a link that dropped soon is no good link");
    backoff.held(500 * MILLI);
    assert_eq!(backoff.pause(1.0), 100 * MILLI);
}
