//! Outcomes on request: an address that ends in a code.

use std::collections::BTreeSet;

use waypost_channels::connector::{AddressKind, Handed};
use waypost_channels::push::can_bring_about;

use crate::support::{Bench, code, taken};

const KINDS: [AddressKind; 5] = [
    AddressKind::AndroidPush,
    AddressKind::IosPush,
    AddressKind::ChromePush,
    AddressKind::FirefoxPush,
    AddressKind::SafariPush,
];

#[tokio::test]
async fn every_code_a_provider_can_bring_about_is_brought_about() {
    let bench = Bench::new().await;
    let mut reached = BTreeSet::new();
    for kind in KINDS {
        for wanted in (7_000..8_000).filter(|wanted| can_bring_about(kind, *wanted)) {
            let got = bench.text(kind, &format!("any-token-{wanted}")).await;
            assert_eq!(code(&got), wanted, "{} {got:?}", kind.id_key());
            reached.insert(wanted);
        }
    }
    assert_eq!(reached, (7_504..=7_518).chain(7_212..=7_214).collect());
}

#[tokio::test]
async fn codes_of_a_message_that_was_taken_are_taken_whatever_the_form() {
    let bench = Bench::new().await;
    for kind in KINDS {
        for wanted in 7_500..=7_503 {
            taken(&bench.text(kind, &format!("any-token-{wanted}")).await);
        }
    }
}

#[tokio::test]
async fn a_real_account_gets_nothing_for_the_digits_of_a_token() {
    let mut bench = Bench::new().await;
    bench.account.sandbox = false;
    let handed = bench.text(AddressKind::IosPush, "any-token-7510").await;
    let text = "an APNs device token is an even number of hexadecimal digits".to_owned();
    assert_eq!(handed, Handed::Refused { code: 7512, detail: text, address_is_dead: false });
}
