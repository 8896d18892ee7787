//! What a caller hears while it rings elsewhere: 425 Hz, one second on, four off (ITU-T E.180).

use std::sync::{Arc, LazyLock};

use super::{RATE, g711};

/// Seconds of tone and of silence.
const ON_S: u32 = 1;
const OFF_S: u32 = 4;
/// In hertz.
const PITCH: f64 = 425.0;
/// A tenth of full volume.
const VOLUME: f64 = 3_200.0;

/// One turn of the tone, µ-law at 8 kHz.
#[must_use]
pub fn turn() -> Arc<[u8]> {
    static TURN: LazyLock<Arc<[u8]>> = LazyLock::new(|| {
        let tone = (0..ON_S * RATE).map(|n| g711::to_ulaw(sample(n)));
        let silence = std::iter::repeat_n(g711::to_ulaw(0), (OFF_S * RATE) as usize);
        tone.chain(silence).collect()
    });
    Arc::clone(&TURN)
}

#[expect(clippy::cast_possible_truncation, reason = "the volume is far inside the range")]
fn sample(n: u32) -> i16 {
    let angle = f64::from(n) * PITCH / f64::from(RATE) * std::f64::consts::TAU;
    (angle.sin() * VOLUME) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sounds_for_a_second_and_is_silent_for_four() {
        let turn = turn();
        let loud = |part: &[u8]| part.iter().any(|octet| g711::from_ulaw(*octet).unsigned_abs() > 2_000);
        assert_eq!((turn.len(), loud(&turn[..8_000]), loud(&turn[8_000..])), (40_000, true, false));
    }
}
