//! The status history: when the date of an entry may be changed (spec 5.4), and how long the service-standard clock has run.

use waypost_core::time::Micros;
use waypost_status::MtapiCode;

/// One entry, as these rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its row.
    pub id: i64,
    /// When.
    pub at: Micros,
    /// Whether the clock runs from then on.
    pub clock_on: bool,
}

/// Whether entry `id` of a history, oldest first, may be moved to `date`. The rules are asked in the published order.
///
/// # Errors
/// 617020 to 617024.
pub fn may_move(history: &[Moment], id: i64, date: Micros, now: Micros) -> Result<(), MtapiCode> {
    if date > now {
        return Err(MtapiCode::UpdateDateCannotBeInFuture);
    }
    let at = history.iter().position(|entry| entry.id == id);
    let at = at.ok_or(MtapiCode::ServiceRequestStatusLogNotFound)?;
    let older = at.checked_sub(1).and_then(|at| history.get(at)).map(|entry| entry.at);
    let newer = history.get(at + 1).map(|entry| entry.at);
    match (older, newer) {
        (Some(older), Some(newer)) if date <= older || date >= newer => {
            Err(MtapiCode::UpdateDateShouldBeAfterPreviousDateAndBeforeNewerDate)
        }
        (Some(older), None) if date <= older => Err(MtapiCode::UpdateDateShouldBeAfterPreviousDate),
        (None, Some(newer)) if date >= newer => Err(MtapiCode::UpdateDateShouldBeBeforeNewerDate),
        _ => Ok(()),
    }
}

/// How long the clock had run at the end of each entry of a history, oldest first; the last one lasts until `now`.
#[must_use]
pub fn elapsed(history: &[Moment], now: Micros) -> Vec<Micros> {
    let mut total = 0_i64;
    let ends = history.iter().skip(1).map(|entry| entry.at).chain([now]);
    history
        .iter()
        .zip(ends)
        .map(|(entry, end)| {
            if entry.clock_on {
                total = total.saturating_add((end.0 - entry.at.0).max(0));
            }
            Micros(total)
        })
        .collect()
}

/// Whole days of 24 hours.
#[must_use]
pub const fn days(span: Micros) -> i64 {
    span.0 / (86_400 * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(100);

    fn history(at: &[i64]) -> Vec<Moment> {
        (1..).zip(at).map(|(id, at)| Moment { id, at: Micros(*at), clock_on: id % 2 == 0 }).collect()
    }

    #[test]
    fn a_date_in_the_future_is_refused_before_anything_else() {
        let refused = may_move(&history(&[10]), 99, Micros(101), NOW);
        assert_eq!(refused, Err(MtapiCode::UpdateDateCannotBeInFuture));
        assert_eq!(may_move(&history(&[10]), 1, NOW, NOW), Ok(()));
    }

    #[test]
    fn an_entry_of_another_request_is_unknown() {
        let refused = may_move(&history(&[10]), 2, Micros(5), NOW);
        assert_eq!(refused, Err(MtapiCode::ServiceRequestStatusLogNotFound));
    }

    #[test]
    fn an_entry_stays_strictly_between_its_neighbours() {
        let entries = history(&[10, 20, 30]);
        let middle = |date| may_move(&entries, 2, Micros(date), NOW);
        for date in [9, 10, 30, 31] {
            assert_eq!(
                middle(date),
                Err(MtapiCode::UpdateDateShouldBeAfterPreviousDateAndBeforeNewerDate),
                "{date}"
            );
        }
        assert_eq!((middle(11), middle(29)), (Ok(()), Ok(())));
        let newest = |date| may_move(&entries, 3, Micros(date), NOW);
        assert_eq!(newest(20), Err(MtapiCode::UpdateDateShouldBeAfterPreviousDate));
        assert_eq!(newest(21), Ok(()));
        let oldest = |date| may_move(&entries, 1, Micros(date), NOW);
        assert_eq!(oldest(20), Err(MtapiCode::UpdateDateShouldBeBeforeNewerDate));
        assert_eq!(oldest(19), Ok(()));
    }

    #[test]
    fn the_clock_runs_in_the_entries_that_let_it() {
        let entries = history(&[10, 20, 50, 70]);
        assert_eq!(elapsed(&entries, NOW), [Micros(0), Micros(30), Micros(30), Micros(60)]);
        assert!(elapsed(&[], NOW).is_empty());
        assert_eq!(days(Micros(2 * 86_400 * 1_000_000 - 1)), 1);
    }
}
