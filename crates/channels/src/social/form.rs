//! A form with one file (RFC 7578).

/// The content type and the body of a form with one file; `None` when there is no randomness for the boundary.
pub(crate) fn form_file(
    field: &str,
    file_name: &str,
    content_type: &str,
    bytes: &[u8],
) -> Option<(String, Vec<u8>)> {
    let mut random = [0; 16];
    aws_lc_rs::rand::fill(&mut random).ok()?;
    let boundary = format!("waypost-{:032x}", u128::from_be_bytes(random));
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{}\"\r\n\
         content-type: {content_type}\r\n\r\n",
        quoted(file_name)
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    let mut body = Vec::with_capacity(head.len() + bytes.len() + tail.len());
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(tail.as_bytes());
    Some((format!("multipart/form-data; boundary={boundary}"), body))
}

/// A file name that can break out of nothing.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = name.chars().map(|c| if plain(c) { c } else { '_' }).take(64).collect();
    if name.is_empty() { "media".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_quotes() {
        let (_, body) = form_file("media", "a\"\r\nx: y.jpg", "image/jpeg", b"123").unwrap();
        let text = String::from_utf8(body).unwrap();
        assert!(text.contains("name=\"media\"; filename=\"a___x__y.jpg\"\r\n"), "{text}");
        assert!(text.contains("\r\n\r\n123\r\n--waypost-"), "{text}");
    }
}
