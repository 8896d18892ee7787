//! The relay refuses what breaks the standard, and names the rule.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use waypost_simulators::smtp::SmtpConfig;

use crate::support::relay;

/// Says each line and returns the answers' last lines.
async fn answers(config: SmtpConfig, lines: &[&str]) -> Vec<String> {
    let relay = relay(config).await;
    let mut stream = BufReader::new(TcpStream::connect(relay.address()).await.unwrap());
    let mut heard = vec![answer(&mut stream).await];
    for line in lines {
        stream.write_all(line.as_bytes()).await.unwrap();
        heard.push(answer(&mut stream).await);
    }
    heard
}

async fn answer(stream: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 || line.as_bytes().get(3) == Some(&b' ') {
            return line.trim_end().to_owned();
        }
    }
}

#[tokio::test]
async fn commands_come_in_order_and_in_lines() {
    let heard = answers(
        SmtpConfig::default(),
        &[
            "MAIL FROM:<a@b.ca>\r\n",
            "EHLO me\r\n",
            "RCPT TO:<a@b.ca>\r\n",
            "MAIL FROM:a@b.ca\r\n",
            "MAIL FROM:<a@b.ca>\r\n",
            "DATA\r\n",
            "RCPT TO:<c@d.ca>\n",
            "RCPT TO:<c d@e.ca>\r\n",
            "AUTH PLAIN AHgAeQ==\r\n",
            "STARTTLS\r\n",
            "QUIT\r\n",
        ],
    )
    .await;
    assert_eq!(
        heard,
        [
            "220 relay.simulated ESMTP",
            "503 5.5.1 EHLO first",
            "250 ENHANCEDSTATUSCODES",
            "503 5.5.1 MAIL first",
            "501 5.5.4 FROM:<address>",
            "250 2.1.0 sender ok",
            "503 5.5.1 MAIL and RCPT first",
            "500 a line ends in CRLF",
            "501 5.5.4 TO:<address>",
            "503 nobody is asked",
            "502 no such command here",
            "221 bye",
        ]
    );
}

#[tokio::test]
async fn a_letter_that_breaks_a_rule_is_refused_with_the_rule() {
    let envelope = ["EHLO me\r\n", "MAIL FROM:<a@b.ca>\r\n", "RCPT TO:<c@d.ca>\r\n", "DATA\r\n"];
    let long = format!("Date: x\r\n\r\n{}\r\n.\r\n", "x".repeat(999));
    for (content, rule) in [
        ("Hi\r\n.\r\n", "554 a header is Name: value"),
        ("From: x\r\n\r\nHi\r\n.\r\n", "554 one Date"),
        ("Date: x\n\r\nHi\r\n.\r\n", "554 a line ends in CRLF"),
        (long.as_str(), "554 a line has at most 998 characters"),
    ] {
        let lines = [envelope.as_slice(), &[content]].concat();
        assert_eq!(answers(SmtpConfig::default(), &lines).await.pop().unwrap(), rule, "{content}");
    }
    let small = SmtpConfig { letter_bytes_max: 3, ..SmtpConfig::default() };
    let lines = [envelope.as_slice(), &["Date: x\r\n.\r\n"]].concat();
    assert_eq!(answers(small, &lines).await.pop().unwrap(), "554 5.3.4 the letter is longer than SIZE");
}
