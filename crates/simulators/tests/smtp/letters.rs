//! How a letter looks at the far end.

use waypost_channels::email::{Attachment, Carried, Carrier, Language, Letter};
use waypost_simulators::smtp::SmtpConfig;

use crate::support::{letter, relay, to};

#[tokio::test]
async fn a_letter_arrives_with_its_envelope_and_its_headers() {
    let relay = relay(Default::default()).await;
    let carrier = to(&relay);
    assert_eq!(carrier.carry(&letter()).await, Carried::Taken("2.0.0 taken as 1".to_owned()));
    let taken = relay.letters().remove(0);
    assert_eq!(
        (taken.sender.as_str(), taken.recipients),
        ("no-reply@example.org", vec!["ann@example.net".to_owned()])
    );
    assert_eq!(
        taken.text.replace("\r\n", "\n"),
        "From: Waypost <no-reply@example.org>\nTo: ann@example.net\nSubject: A permit\n\
         Date: Mon, 21 Sep 2026 14:13:20 +0000\nMessage-ID: <waypost.7@example.org>\nAuto-Submitted: auto-generated\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit\n\nYour permit is ready.\n\n\n"
    );
}

#[tokio::test]
async fn letters_beyond_ascii_are_encoded_in_headers_names_and_bodies() {
    let relay = relay(Default::default()).await;
    let own = Letter {
        subject: "Permis prêt à retirer — n° 7".to_owned(),
        to: "Hélène Été <ann@example.net>".parse().unwrap(),
        text: "Votre permis est prêt.\n.\n..deux points\n".to_owned(),
        html: Some("<p>prêt</p>".to_owned()),
        language: Some(Language::Fr),
        attachments: vec![
            Attachment {
                name: "reçu.pdf".to_owned(),
                media_type: "application/pdf".to_owned(),
                bytes: vec![0, 255, 13, 10],
            },
            Attachment {
                name: "x".to_owned(),
                media_type: "no type\r\nBcc: x@y.ca".to_owned(),
                bytes: b"x".to_vec(),
            },
        ],
        ..letter()
    };
    assert!(matches!(to(&relay).carry(&own).await, Carried::Taken(_)));
    let taken = relay.letters().remove(0);
    assert!(taken.text.is_ascii());
    assert_eq!(taken.header("Content-Language").as_deref(), Some("fr"));
    let subject = "Permis =?utf-8?b?cHLDqnQgw6A=?= retirer =?utf-8?b?4oCUIG7CsA==?= 7";
    assert_eq!(taken.header("Subject").as_deref(), Some(subject));
    assert!(taken.header("Content-Type").unwrap().starts_with("multipart/mixed;"));
    assert!(taken.body().contains("multipart/alternative"));
    // A quoted-printable or base64 body hides no dot.
    assert!(taken.body().contains("filename*0*=utf-8''re%C3%A7u.pdf"), "{}", taken.body());
    assert!(taken.header("Bcc").is_none());
}

#[tokio::test]
async fn nothing_in_a_letter_can_start_a_header_or_end_the_letter() {
    let relay = relay(Default::default()).await;
    let own = Letter {
        subject: "Hello\r\nBcc: mallory@example.net\r\n\r\nNot a body".to_owned(),
        from: "A\r\nX-Odd: 1 <no-reply@example.org>".parse().unwrap(),
        text: "First\r\n.\r\nMAIL FROM:<a@b.ca>\r\n".to_owned(),
        message_id: "a\r\nX-Odd: 1@b".to_owned(),
        ..letter()
    };
    assert!(matches!(to(&relay).carry(&own).await, Carried::Taken(_)));
    let letters = relay.letters();
    let taken = &letters[0];
    assert_eq!((letters.len(), taken.recipients.len()), (1, 1));
    assert!(taken.header("Bcc").is_none() && taken.header("X-Odd").is_none(), "{}", taken.text);
    assert_eq!(taken.header("Subject").as_deref(), Some("Hello  Bcc: mallory@example.net    Not a body"));
    assert!(taken.body().starts_with("First\r\n.\r\nMAIL FROM:<a@b.ca>"), "{}", taken.body());
}

#[tokio::test]
async fn what_the_safeguard_diverted_says_whom_it_was_meant_for() {
    let relay = relay(Default::default()).await;
    let own = Letter {
        to: "tests@example.org".parse().unwrap(),
        meant_for: Some("ann@example.net".parse().unwrap()),
        reply_to: Some("clerk@example.com".parse().unwrap()),
        ..letter()
    };
    assert!(matches!(to(&relay).carry(&own).await, Carried::Taken(_)));
    let taken = relay.letters().remove(0);
    assert_eq!(taken.recipients, ["tests@example.org"]);
    assert_eq!(taken.header("X-Meant-For").as_deref(), Some("ann@example.net"));
    assert_eq!(taken.header("Reply-To").as_deref(), Some("clerk@example.com"));
}

#[tokio::test]
async fn a_relay_that_starts_again_writes_no_letter_over_another() {
    let folder = tempfile::tempdir().unwrap();
    for run in [1, 2] {
        let folder = Some(folder.path().to_owned());
        let relay = relay(SmtpConfig { folder, ..SmtpConfig::default() }).await;
        let own = Letter { subject: format!("Run {run}"), ..letter() };
        assert!(matches!(to(&relay).carry(&own).await, Carried::Taken(_)));
    }
    for (name, subject) in [("000001.eml", "Subject: Run 1\r\n"), ("000002.eml", "Subject: Run 2\r\n")] {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.contains(subject), "{text}");
    }
}

#[tokio::test]
async fn letters_one_after_the_other_go_over_one_connection() {
    let relay = relay(Default::default()).await;
    let carrier = to(&relay);
    for _ in 0..3 {
        assert!(matches!(carrier.carry(&letter()).await, Carried::Taken(_)));
    }
    assert_eq!((relay.connections(), relay.letters().len()), (1, 3));
    carrier.close().await;
    assert!(matches!(carrier.carry(&letter()).await, Carried::Taken(_)));
    assert_eq!(relay.connections(), 2);
}
