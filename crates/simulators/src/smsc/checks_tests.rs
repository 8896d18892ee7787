use bytes::Bytes;
use waypost_channels::smpp::Tlv;

use super::*;

fn good() -> ShortMessage {
    ShortMessage {
        source: Address::new(5, 0, "WAYPOST"),
        dest: Address::new(1, 1, "447700900001"),
        registered_delivery: 1,
        short_message: Bytes::from_static(b"hello"),
        ..ShortMessage::default()
    }
}

fn text(octets: Vec<u8>) -> Bytes {
    octets.into()
}

/// One change to a good message and the answer it gets.
fn refused(expected: u32, change: impl FnOnce(&mut ShortMessage)) {
    let mut message = good();
    change(&mut message);
    assert_eq!(check_submit(&message), Err(expected), "{message:?}");
}

fn passes(expected: Checked, change: impl FnOnce(&mut ShortMessage)) {
    let mut message = good();
    change(&mut message);
    assert_eq!(check_submit(&message), Ok(expected), "{message:?}");
}

#[test]
fn each_broken_field_is_named_by_its_own_status() {
    refused(status::ESME_RINVSERTYP, |m| m.service_type = "TOOLONG".into());
    refused(status::ESME_RINVSRCTON, |m| m.source.ton = 7);
    refused(status::ESME_RINVSRCNPI, |m| m.source.npi = 2);
    refused(status::ESME_RINVSRCADR, |m| m.source.digits = "TWELVE CHARS".into());
    refused(status::ESME_RINVSRCADR, |m| m.source = Address::new(1, 1, "+447700900"));
    refused(status::ESME_RINVDSTTON, |m| m.dest.ton = 5);
    refused(status::ESME_RINVDSTNPI, |m| m.dest.npi = 99);
    refused(status::ESME_RINVDSTADR, |m| m.dest.digits = "+447700900001".into());
    refused(status::ESME_RINVDSTADR, |m| m.dest.digits = "07700900001".into());
    refused(status::ESME_RINVDSTADR, |m| m.dest.digits = String::new());
    refused(status::ESME_RINVESMCLASS, |m| m.esm_class = 0x04);
    refused(status::ESME_RINVPRTFLG, |m| m.priority = 4);
    refused(status::ESME_RINVREGDLVFLG, |m| m.registered_delivery = 3);
    refused(status::ESME_RINVREGDLVFLG, |m| m.registered_delivery = 0x20);
    refused(status::ESME_RINVREPFLAG, |m| m.replace_if_present = 2);
    refused(status::ESME_RINVSCHED, |m| m.schedule = "tomorrow".into());
    refused(status::ESME_RINVEXPIRY, |m| m.validity = "000000000500000".into());
    refused(status::ESME_RINVEXPIRY, |m| m.validity = "261301000000000+".into());
    refused(status::ESME_RINVDCS, |m| m.data_coding = 0x77);
    refused(status::ESME_RINVDCS, |m| m.short_message = text(vec![0xE9]));
}

#[test]
fn a_text_may_fill_one_message_over_the_air_and_no_more() {
    let whole = Checked { header_octets: 0, part: None };
    for (data_coding, fits, unit) in [(0, 160, 1), (4, 140, 1), (8, 140, 2)] {
        passes(whole, |m| {
            m.data_coding = data_coding;
            m.short_message = text(vec![0x41; fits]);
        });
        refused(status::ESME_RINVMSGLEN, |m| {
            m.data_coding = data_coding;
            m.short_message = text(vec![0x41; fits + unit]);
        });
    }
    refused(status::ESME_RINVMSGLEN, |m| {
        m.data_coding = 8;
        m.short_message = text(vec![0; 3]);
    });
    refused(status::ESME_RINVMSGLEN, |m| m.short_message = text(vec![0x41; 255]));
}

#[test]
fn a_header_takes_its_share_of_the_room() {
    let header = [5, 0, 3, 9, 2, 1];
    let part = Some(Part { reference: 9, total: 2, sequence: 1 });
    for (data_coding, fits) in [(0, 153), (8, 134)] {
        let with_header = |octets: usize| text([&header[..], &vec![0x41; octets]].concat());
        passes(Checked { header_octets: 6, part }, |m| {
            m.esm_class = esm::UDHI;
            m.data_coding = data_coding;
            m.short_message = with_header(fits);
        });
        refused(status::ESME_RINVMSGLEN, |m| {
            m.esm_class = esm::UDHI;
            m.data_coding = data_coding;
            m.short_message = with_header(fits + 2);
        });
    }
    refused(status::ESME_RINVESMCLASS, |m| m.esm_class = esm::UDHI);
}

#[test]
fn a_payload_parameter_stands_alone_and_may_be_long() {
    let payload = Tlv { tag: tag::MESSAGE_PAYLOAD, value: text(vec![0x41; 1000]) };
    passes(Checked { header_octets: 0, part: None }, |m| {
        m.short_message = Bytes::new();
        m.tlvs = vec![payload.clone()];
    });
    refused(status::ESME_ROPTPARNOTALLWD, |m| m.tlvs = vec![payload]);
}

#[test]
fn sar_parameters_come_all_three_and_in_range() {
    let sar = |total, sequence| {
        vec![
            Tlv::of_u16(tag::SAR_MSG_REF_NUM, 7),
            Tlv::of_u8(tag::SAR_TOTAL_SEGMENTS, total),
            Tlv::of_u8(tag::SAR_SEGMENT_SEQNUM, sequence),
        ]
    };
    let part = Some(Part { reference: 7, total: 2, sequence: 2 });
    passes(Checked { header_octets: 0, part }, |m| m.tlvs = sar(2, 2));
    refused(status::ESME_RINVOPTPARAMVAL, |m| m.tlvs = sar(2, 3));
    refused(status::ESME_RMISSINGOPTPARAM, |m| m.tlvs = sar(2, 1).split_off(1));
}

#[test]
fn times_are_relative_or_absolute() {
    for time in ["", "000002000000000R", "261130235959900+"] {
        passes(Checked { header_octets: 0, part: None }, |m| m.validity = time.into());
    }
}
