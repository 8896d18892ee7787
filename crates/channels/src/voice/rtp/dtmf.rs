//! Telephone events (RFC 4733): which key was pressed, once for each press however often its packets come.

/// The keys, by event number.
const KEYS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// Hears keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Event and moment of the press heard last: all its packets carry the moment it began.
    last: Option<(u8, u32)>,
}

impl Keys {
    /// The key of a packet, when the press is new. The first packet of a press counts, so a lost end loses nothing.
    pub fn hear(&mut self, timestamp: u32, payload: &[u8]) -> Option<char> {
        let event = *payload.first().filter(|_| payload.len() >= 4)?;
        let key = *KEYS.get(usize::from(event))?;
        let press = Some((event, timestamp));
        if self.last == press {
            return None;
        }
        self.last = press;
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_is_heard_once_whatever_of_it_is_lost() {
        let mut keys = Keys::default();
        let packet = |event: u8, end: bool| [event, if end { 0x8a } else { 0x0a }, 0, 160];
        assert_eq!(keys.hear(100, &packet(1, false)), Some('1'));
        assert_eq!(keys.hear(100, &packet(1, false)), None);
        assert_eq!(keys.hear(100, &packet(1, true)), None);
        assert_eq!(keys.hear(900, &packet(1, true)), Some('1'), "only its end arrived");
        assert_eq!(keys.hear(2_000, &packet(11, false)), Some('#'));
        assert_eq!(keys.hear(3_000, &packet(16, false)), None);
        assert_eq!(keys.hear(4_000, &[1]), None);
    }
}
