//! Every outcome a provider can say is reported as its code.

use waypost_channels::smpp::{Outcomes, SubmitError};
use waypost_simulators::smsc::{SmscConfig, forcible_codes, plan_for_code};

use crate::support::{bench_with, receipt_field, soon, text};

/// The codes of the contract that an SMS provider can cause (section 9.1), and 7303, which is its silence.
const PROVIDER_CODES: [u16; 27] = [
    7101, 7102, 7107, 7109, 7111, 7112, 7200, 7201, 7202, 7203, 7204, 7205, 7206, 7207, 7208, 7209, 7210,
    7211, 7212, 7213, 7214, 7302, 7303, 7500, 7501, 7513, 7518,
];

#[test]
fn every_code_a_provider_can_cause_can_be_forced() {
    let mut expected = PROVIDER_CODES.to_vec();
    expected.push(7607);
    assert_eq!(forcible_codes(), expected);
    for code in forcible_codes() {
        assert!(plan_for_code(code).is_some(), "{code}");
    }
    for code in [7000, 7103, 7503, 7999] {
        assert_eq!(plan_for_code(code), None, "{code}");
    }
}

#[tokio::test]
async fn a_destination_ending_in_a_code_ends_with_that_code() {
    let smsc = SmscConfig::default().with_forced_codes();
    let mut bench = bench_with(smsc, |config| config.throttle_ms = 1).await;
    let outcomes = Outcomes::built_in();
    for code in forcible_codes() {
        let reported = match soon(bench.connection.submit(text(&format!("44770090{code}"), "x"))).await {
            Err(SubmitError::Status(status) | SubmitError::Throttled(status)) => {
                outcomes.submit_error(status).code
            }
            Ok(_) if [7501, 7303].contains(&code) => continue,
            Ok(_) => {
                let receipt = soon(bench.deliveries.recv()).await.unwrap();
                let (stat, err) = (receipt_field(&receipt, "stat"), receipt_field(&receipt, "err"));
                outcomes.receipt(&stat, &err).unwrap()
            }
            Err(other) => panic!("{code}: {other}"),
        };
        assert_eq!(reported, code);
    }
}

#[tokio::test]
async fn other_destinations_behave_as_always() {
    let mut bench = bench_with(SmscConfig::default().with_forced_codes(), |_| {}).await;
    soon(bench.connection.submit(text("447700900001", "x"))).await.unwrap();
    assert_eq!(receipt_field(&soon(bench.deliveries.recv()).await.unwrap(), "stat"), "DELIVRD");
}
