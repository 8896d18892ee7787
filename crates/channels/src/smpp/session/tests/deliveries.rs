//! Messages and receipts from the SMSC.

use super::*;
use crate::smpp::wire::{DataSm, ShortMessage, Tlv, put_message, tag};

fn message() -> MessageRef<'static> {
    MessageRef {
        source: (1, 1, "447700900001"),
        dest: (5, 0, "WAYPOST"),
        esm_class: 4,
        text: [b"", b"id:1 stat:DELIVRD"],
        ..MessageRef::default()
    }
}

fn body(put: impl FnOnce(&mut BytesMut)) -> BytesMut {
    let mut body = BytesMut::new();
    put(&mut body);
    body
}

#[test]
fn deliveries_are_answered_when_told_and_in_any_order() {
    let mut play = Play::bound(1);
    let deliver = body(|out| put_message(out, &message()));
    let data = body(|out| DataSm::put(out, &message()));
    let first = play.says(command::DELIVER_SM, 0, 7, &deliver);
    let second = play.says(command::DATA_SM, 0, 8, &data);
    assert_eq!(play.sent(), [], "nothing is acknowledged by itself");

    let expected =
        |command, sequence, message| Event::Delivery { reply: ReplyTo { command, sequence }, message };
    assert_eq!(first, [expected(command::DELIVER_SM, 7, ShortMessage::read(&deliver).unwrap())]);
    assert_eq!(second, [expected(command::DATA_SM, 8, DataSm::read(&data).unwrap().0)]);

    play.session.answer(ReplyTo { command: command::DATA_SM, sequence: 8 }, status::ESME_ROK);
    play.session.answer(ReplyTo { command: command::DELIVER_SM, sequence: 7 }, status::ESME_RX_T_APPN);
    let answers = [
        (command::DATA_SM | command::RESPONSE, status::ESME_ROK, 8),
        (command::DELIVER_SM | command::RESPONSE, status::ESME_RX_T_APPN, 7),
    ];
    assert_eq!(play.sent(), answers);
}

#[test]
fn an_unreadable_delivery_is_refused_for_good() {
    let whole = body(|out| put_message(out, &message()));
    for cut in 0..whole.len() {
        let mut play = Play::bound(1);
        assert_eq!(play.says(command::DELIVER_SM, 0, 7, &whole[..cut]), [], "{cut}");
        let refused = (command::DELIVER_SM | command::RESPONSE, status::ESME_RX_P_APPN, 7);
        assert_eq!(play.sent(), [refused], "{cut}");
    }
}

#[test]
fn a_delivery_before_the_bind_is_refused() {
    let mut play = Play::starting(1, Sequence::default());
    play.sent();
    assert_eq!(play.says(command::DELIVER_SM, 0, 7, &body(|out| put_message(out, &message()))), []);
    let refused = (command::DELIVER_SM | command::RESPONSE, status::ESME_RINVBNDSTS, 7);
    assert_eq!(play.sent(), [refused]);
}

#[test]
fn deliveries_go_on_while_we_unbind() {
    let mut play = Play::bound(1);
    play.session.unbind(play.now);
    let events = play.says(command::DELIVER_SM, 0, 7, &body(|out| put_message(out, &message())));
    assert!(matches!(events.as_slice(), [Event::Delivery { .. }]), "{events:?}");
}

#[test]
fn receipts_are_taken_apart() {
    use crate::smpp::types::{DeliverSm, Sar};
    let tlvs = [
        Tlv::of_cstring(tag::RECEIPTED_MESSAGE_ID, "00AF"),
        Tlv::of_u8(tag::MESSAGE_STATE, 5),
        Tlv { tag: tag::NETWORK_ERROR_CODE, value: bytes::Bytes::from_static(&[3, 1, 2]) },
        Tlv::of_u16(tag::SAR_MSG_REF_NUM, 513),
        Tlv::of_u8(tag::SAR_TOTAL_SEGMENTS, 3),
        Tlv::of_u8(tag::SAR_SEGMENT_SEQNUM, 2),
        Tlv::of_u16(tag::USER_MESSAGE_REFERENCE, 7),
    ];
    let whole = body(|out| put_message(out, &MessageRef { in_payload: true, tlvs: &tlvs, ..message() }));
    let taken = DeliverSm::new("c".into(), ShortMessage::read(&whole).unwrap());
    assert_eq!(taken.payload, "id:1 stat:DELIVRD");
    assert_eq!((taken.receipted_message_id.as_deref(), taken.message_state), (Some("00AF"), Some(5)));
    assert_eq!((taken.network_error_code, taken.user_message_reference), (Some((3, 258)), Some(7)));
    assert_eq!(taken.sar, Some(Sar { reference: 513, total: 3, sequence: 2 }));
    assert!(taken.is_receipt());
}
