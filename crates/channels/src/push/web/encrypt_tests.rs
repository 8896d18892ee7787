use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::*;

/// Gives the bytes of a test vector: the private key, then the salt.
struct Vector;

impl Randomness for Vector {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        let known = match bytes.len() {
            32 => "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
            _ => "DGv6ra1nlYgDCS1FRnbzlw",
        };
        bytes.copy_from_slice(&BASE64_URL_SAFE_NO_PAD.decode(known).unwrap());
        true
    }
}

struct Broken;

impl Randomness for Broken {
    fn fill(&self, _: &mut [u8]) -> bool {
        false
    }
}

fn subscription(point: &str) -> Subscription {
    let value = format!("https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV|{point}");
    Subscription::parse(&format!("{value}|BTBZMqHH6r4Tts7J_aSIgg")).unwrap()
}

const POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

#[test]
fn the_example_of_rfc_8291_comes_out_to_the_bit() {
    let text = b"When I grow up, I want to be a watermelon";
    let body = seal(&subscription(POINT), text, &Vector).unwrap();
    let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
        mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
        pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(body), expected);
}

#[test]
fn the_longest_text_fills_what_services_must_take_and_one_byte_more_is_refused() {
    let longest = vec![b'x'; PLAINTEXT_BYTES_MAX];
    assert_eq!(seal(&subscription(POINT), &longest, &Vector).unwrap().len(), 4_096);
    let longer = vec![b'x'; PLAINTEXT_BYTES_MAX + 1];
    assert_eq!(seal(&subscription(POINT), &longer, &Vector), Err(SealError::TooLong));
}

#[test]
fn a_point_off_the_curve_and_missing_randomness_are_refused() {
    let mut off = BASE64_URL_SAFE_NO_PAD.decode(POINT).unwrap();
    off[64] ^= 1;
    let off = subscription(&BASE64_URL_SAFE_NO_PAD.encode(off));
    assert_eq!(seal(&off, b"x", &Vector), Err(SealError::Point));
    assert_eq!(seal(&subscription(POINT), b"x", &Broken), Err(SealError::Crypto));
    let codes = [SealError::TooLong, SealError::Point, SealError::Crypto].map(SealError::code);
    assert_eq!(codes, [7505, 7212, 7114]);
}

#[test]
fn a_one_time_key_is_drawn_again_when_the_draw_is_no_key() {
    struct Zeros(std::sync::atomic::AtomicUsize);
    impl Randomness for Zeros {
        fn fill(&self, bytes: &mut [u8]) -> bool {
            let draw = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            bytes.fill(u8::from(draw > 0));
            true
        }
    }
    assert!(one_time_key(&Zeros(0.into())).is_some());
}
