//! Words for what a simulated SMSC saw.

use waypost_simulators::smsc::{Counters, Received, SmscHandle};

use crate::bound::within;

/// Waits until the SMSC's counts satisfy `reached`.
///
/// # Panics
/// When they do not in time; the message shows the counts.
pub async fn counted(smsc: &SmscHandle, what: &str, reached: impl Fn(&Counters) -> bool) -> Counters {
    let what = format!("{what}; the SMSC counted {:?} before", smsc.counters());
    within(&what, smsc.wait(reached)).await
}

/// Waits until the SMSC has `count` whole messages; the messages in the order of their arrival.
///
/// # Panics
/// When it does not in time.
pub async fn received(smsc: &SmscHandle, count: usize) -> Vec<Received> {
    counted(smsc, &format!("{count} whole messages"), |_| smsc.received().len() >= count).await;
    smsc.received()
}

/// The text a handset would show: unpacked GSM (its part that is ASCII) or UCS-2.
///
/// # Panics
/// When the coding is another, or the text is broken.
#[must_use]
pub fn shown(message: &Received) -> String {
    match message.data_coding & 0x0F {
        0 => {
            let plain =
                |octet: &u8| matches!(octet, b' '..=b'#' | b'%'..=b'?' | b'A'..=b'Z' | b'a'..=b'z' | b'\n');
            assert!(
                message.payload.iter().all(plain),
                "only what GSM and ASCII share: {:?}",
                message.payload
            );
            String::from_utf8(message.payload.clone()).expect("ASCII")
        }
        8 => {
            let units = message.payload.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            String::from_utf16(&units.collect::<Vec<_>>()).expect("UTF-16")
        }
        other => panic!("data coding {other}"),
    }
}
