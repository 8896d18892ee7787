//! The codec against itself, and against `rusmpp`, which others wrote from the same standard.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of a test fail by panicking")]

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use rusmpp::{Command, Pdu, tokio_codec::CommandCodec};
use tokio_util::codec::{Decoder, Encoder};
use waypost_channels::smpp::{
    Address, Tlv, Validity,
    wire::{
        Bind, BindResp, DataSm, MessageRef, Outbind, QuerySm, QuerySmResp, ShortMessage, command, next_frame,
        put_frame, put_header_only, put_message, put_message_id_resp, read_message_id, status, tag,
    },
};

/// What the other codec makes of our PDU, and that it writes the same octets again.
fn agreed(command: u32, status: u32, body: impl FnOnce(&mut BytesMut)) -> Command {
    let mut ours = BytesMut::new();
    put_frame(&mut ours, command, status, 0x0102_0304, body);
    let mut codec = CommandCodec::new().with_max_length(65_536);
    let read = codec.decode(&mut ours.clone()).unwrap().expect("a whole PDU");
    assert_eq!(read.sequence_number(), 0x0102_0304);
    assert_eq!((u32::from(read.id()), u32::from(read.status())), (command, status));
    let mut theirs = BytesMut::new();
    codec.encode(&read, &mut theirs).unwrap();
    assert_eq!(ours, theirs, "{read:?}");
    read
}

fn bind() -> Bind {
    Bind {
        system_id: "waypost".into(),
        password: "secret".into(),
        system_type: "VMA".into(),
        interface_version: 0x34,
        addr_ton: 1,
        addr_npi: 1,
        address_range: "^44".into(),
    }
}

fn submit(tlvs: &[Tlv]) -> MessageRef<'_> {
    MessageRef {
        service_type: "CMT",
        source: (5, 0, "WAYPOST"),
        dest: (1, 1, "447700900001"),
        esm_class: 0x40,
        protocol_id: 0,
        priority: 1,
        validity: "000002000000000R",
        registered_delivery: 0x11,
        data_coding: 8,
        text: [&[5, 0, 3, 9, 2, 1], &[4, 0x1F]],
        in_payload: false,
        tlvs,
    }
}

#[test]
fn another_codec_reads_our_pdus_and_writes_them_alike() {
    let response = |command| command | command::RESPONSE;
    for id in [command::BIND_TRANSMITTER, command::BIND_RECEIVER, command::BIND_TRANSCEIVER] {
        agreed(id, 0, |out| bind().put(out));
        let answer = BindResp { system_id: "SMSC".into(), interface_version: Some(0x34) };
        agreed(response(id), 0, |out| answer.put(out));
    }
    let tlvs = [
        Tlv::of_u16(tag::USER_MESSAGE_REFERENCE, 7),
        Tlv::of_u16(tag::SAR_MSG_REF_NUM, 513),
        Tlv::of_u8(tag::SAR_TOTAL_SEGMENTS, 3),
        Tlv::of_u8(tag::SAR_SEGMENT_SEQNUM, 2),
    ];
    let read = agreed(command::SUBMIT_SM, 0, |out| put_message(out, &submit(&tlvs)));
    let Some(Pdu::SubmitSm(read)) = read.pdu() else { panic!("{read:?}") };
    assert_eq!(read.destination_addr.as_str(), "447700900001");
    assert_eq!(read.short_message().clone().into_bytes().as_ref(), [5, 0, 3, 9, 2, 1, 4, 0x1F]);
    assert_eq!(read.tlvs().len(), 4);
    agreed(command::SUBMIT_SM, 0, |out| put_message(out, &MessageRef { in_payload: true, ..submit(&[]) }));
    agreed(command::DATA_SM, 0, |out| DataSm::put(out, &submit(&[])));
    agreed(response(command::SUBMIT_SM), 0, |out| put_message_id_resp(out, "00AF"));
    agreed(response(command::DELIVER_SM), status::ESME_RX_T_APPN, |out| put_message_id_resp(out, ""));

    let receipt = [
        Tlv::of_cstring(tag::RECEIPTED_MESSAGE_ID, "00AF"),
        Tlv::of_u8(tag::MESSAGE_STATE, 5),
        Tlv { tag: tag::NETWORK_ERROR_CODE, value: Bytes::from_static(&[3, 0, 27]) },
    ];
    let message = MessageRef { tlvs: &receipt, validity: "", esm_class: 4, ..submit(&[]) };
    agreed(command::DELIVER_SM, 0, |out| put_message(out, &message));

    let query = QuerySm { message_id: "00AF".into(), source: Address::new(1, 1, "4477") };
    agreed(command::QUERY_SM, 0, |out| query.put(out));
    let answer = QuerySmResp {
        message_id: "00AF".into(),
        final_date: "261130235959900+".into(),
        message_state: 2,
        error_code: 0,
    };
    agreed(response(command::QUERY_SM), 0, |out| answer.put(out));
    let outbind = Outbind { system_id: "SMSC".into(), password: "secret".into() };
    agreed(command::OUTBIND, 0, |out| outbind.put(out));
    for id in [command::ENQUIRE_LINK, command::UNBIND] {
        agreed(id, 0, |_| {});
        agreed(response(id), 0, |_| {});
    }
    agreed(command::GENERIC_NACK, status::ESME_RINVCMDID, |_| {});
}

#[test]
fn what_we_write_we_read() {
    let mut body = BytesMut::new();
    bind().put(&mut body);
    assert_eq!(Bind::read(&body), Ok(bind()));
    assert!(!format!("{:?}", bind()).contains("secret"));

    for answer in [
        BindResp { system_id: "SMSC".into(), interface_version: Some(0x34) },
        BindResp { system_id: String::new(), interface_version: None },
    ] {
        let mut body = BytesMut::new();
        answer.put(&mut body);
        assert_eq!(BindResp::read(&body), answer);
    }

    let outbind = Outbind { system_id: "SMSC".into(), password: "secret".into() };
    let mut body = BytesMut::new();
    outbind.put(&mut body);
    assert_eq!(Outbind::read(&body), Ok(outbind));

    let query = QuerySm { message_id: "1".into(), source: Address::new(1, 1, "4477") };
    let mut body = BytesMut::new();
    query.put(&mut body);
    assert_eq!(QuerySm::read(&body), Ok(query));

    let answer =
        QuerySmResp { message_id: "1".into(), final_date: String::new(), message_state: 2, error_code: 9 };
    let mut body = BytesMut::new();
    answer.put(&mut body);
    assert_eq!(QuerySmResp::read(&body), Ok(answer));
}

#[test]
fn sloppy_answers_are_read_all_the_same() {
    assert_eq!(read_message_id(b"00AF\0"), "00AF");
    assert_eq!(read_message_id(b"00AF"), "00AF");
    assert_eq!(read_message_id(b""), "");
    assert_eq!(BindResp::read(b""), BindResp::default());
    assert_eq!(
        BindResp::read(b"SMSC\0\x02\x10"),
        BindResp { system_id: "SMSC".into(), interface_version: None }
    );
}

#[test]
fn an_address_over_the_standards_length_is_read_and_never_written() {
    let long = "4".repeat(40);
    let mut body = BytesMut::new();
    put_message(&mut body, &MessageRef { dest: (1, 1, &long), text: [b"", b"x"], ..MessageRef::default() });
    let read = ShortMessage::read(&body).unwrap();
    assert_eq!((read.dest.digits.len(), read.short_message.as_ref()), (20, &b"x"[..]));

    let mut sloppy = vec![0, 1, 1];
    sloppy.extend(long.bytes());
    sloppy.extend([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, b'x']);
    let read = ShortMessage::read(&sloppy).unwrap();
    assert_eq!((read.source.digits, read.short_message.as_ref()), (long, &b"x"[..]));
}

#[test]
fn validity_is_a_relative_time() {
    let cases = [
        (0, "000000000000000R"),
        (59, "000000000059000R"),
        (3_600, "000000010000000R"),
        (172_800, "000002000000000R"),
        (40 * 86_400 + 61, "000110000101000R"),
        (400 * 86_400, "010105000000000R"),
    ];
    for (seconds, expected) in cases {
        assert_eq!(Validity::Seconds(seconds).to_smpp_time(), expected);
    }
    assert_eq!(Validity::Time("261130235959900+".into()).to_smpp_time(), "261130235959900+");
}

#[test]
fn statuses_have_names_for_people() {
    assert_eq!(status::describe(0x58), "ESME_RTHROTTLED (0x0058)");
    assert_eq!(status::describe(0x4FF), "0x000004ff");
}

fn tlvs() -> impl Strategy<Value = Vec<Tlv>> {
    let value = proptest::collection::vec(any::<u8>(), 0..40);
    let tlv = (any::<u16>(), value).prop_map(|(tag, value)| Tlv { tag, value: value.into() });
    proptest::collection::vec(tlv.prop_filter("the text's own", |tlv| tlv.tag != tag::MESSAGE_PAYLOAD), 0..4)
}

proptest! {
    #[test]
    fn messages_come_back_as_they_were_written(
        (service, source, dest) in ("[A-Z]{0,5}", "[ -~]{0,20}", "[0-9]{0,20}"),
        numbers in any::<[u8; 9]>(),
        validity in "[0-9]{0,16}",
        header in proptest::collection::vec(any::<u8>(), 0..20),
        data in proptest::collection::vec(any::<u8>(), 0..400),
        in_payload in any::<bool>(),
        tlvs in tlvs(),
    ) {
        let message = MessageRef {
            service_type: &service,
            source: (numbers[0], numbers[1], &source),
            dest: (numbers[2], numbers[3], &dest),
            esm_class: numbers[4],
            protocol_id: numbers[5],
            priority: numbers[6],
            validity: &validity,
            registered_delivery: numbers[7],
            data_coding: numbers[8],
            text: [&header, &data],
            in_payload,
            tlvs: &tlvs,
        };
        let mut stream = BytesMut::new();
        put_frame(&mut stream, command::SUBMIT_SM, 0, 5, |out| put_message(out, &message));
        let (frame, body) = next_frame(&stream).unwrap().unwrap();
        prop_assert_eq!((frame.pdu_bytes, frame.command, frame.sequence), (stream.len(), command::SUBMIT_SM, 5));
        let read = ShortMessage::read(body).unwrap();
        prop_assert_eq!(read.text(), [header.as_slice(), &data].concat());
        prop_assert_eq!(read.tlvs.iter().filter(|tlv| tlv.tag != tag::MESSAGE_PAYLOAD).cloned().collect::<Vec<_>>(), tlvs);
        prop_assert_eq!((read.service_type, read.validity), (service, validity));
        prop_assert_eq!(read.source, Address::new(numbers[0], numbers[1], source));
        prop_assert_eq!(read.dest, Address::new(numbers[2], numbers[3], dest));
        prop_assert_eq!(
            &[read.esm_class, read.protocol_id, read.priority, read.registered_delivery, read.data_coding],
            &numbers[4..]
        );
    }

    #[test]
    fn no_octets_whatever_break_the_reader(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut stream = BytesMut::new();
        put_frame(&mut stream, command::DELIVER_SM, 0, 1, |out| out.extend_from_slice(&body));
        let (_, framed) = next_frame(&stream).unwrap().unwrap();
        prop_assert_eq!(framed, body.as_slice());
        let read = [ShortMessage::read(framed), DataSm::read(framed).map(|data| data.0)];
        for message in read.into_iter().flatten() {
            prop_assert!(message.text().len() <= body.len());
        }
    }

    #[test]
    fn frames_come_out_of_a_stream_one_by_one(sequences in proptest::collection::vec(any::<u32>(), 0..20)) {
        let mut stream = BytesMut::new();
        for &sequence in &sequences {
            put_header_only(&mut stream, command::ENQUIRE_LINK, 0, sequence);
        }
        let mut rest = &stream[..];
        let mut seen = Vec::new();
        while let Some((header, _)) = next_frame(rest).unwrap() {
            seen.push(header.sequence);
            rest = &rest[header.pdu_bytes..];
        }
        prop_assert_eq!(seen, sequences);
    }
}
