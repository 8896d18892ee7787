//! Reads a form with files (RFC 7578), far enough for what the providers take.

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub name: String,
    pub file_name: Option<String>,
    pub bytes: Vec<u8>,
}

/// The fields of a body; `None` when it is no form.
pub(super) fn fields(content_type: &str, body: &[u8]) -> Option<Vec<Field>> {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=")?;
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // The first delimiter has no line before it.
    let mut rest: &[u8] = &[b"\r\n".as_slice(), body].concat();
    let mut fields = Vec::new();
    rest = &rest[find(rest, &delimiter)? + delimiter.len()..];
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = find(part, &delimiter)?;
        fields.push(field(&part[..end])?);
        rest = &part[end + delimiter.len()..];
    }
    rest.starts_with(b"--").then_some(fields)
}

fn field(part: &[u8]) -> Option<Field> {
    let end = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&part[..end]).ok()?;
    let disposition =
        head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition: form-data"))?;
    let quoted = |name: &str| {
        let from = disposition.find(&format!(" {name}=\""))? + name.len() + 3;
        disposition[from..].split_once('"').map(|(text, _)| text.to_owned())
    };
    Some(Field { name: quoted("name")?, file_name: quoted("filename"), bytes: part[end + 4..].to_vec() })
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files_are_read_whatever_their_bytes() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nimage\r\n--b\r\ncontent-disposition: \
            form-data; name=\"media\"; filename=\"a.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n\xff\r\n--\x00\r\n--b--\r\n";
        let read = fields("multipart/form-data; boundary=b", body).unwrap();
        assert_eq!(read[0], Field { name: "type".into(), file_name: None, bytes: b"image".to_vec() });
        let file = Field {
            name: "media".into(),
            file_name: Some("a.jpg".into()),
            bytes: b"\xff\r\n--\x00".to_vec(),
        };
        assert_eq!(read[1..], [file]);
        assert_eq!(fields("multipart/form-data; boundary=c", body), None);
        assert_eq!(fields("application/json", b"{}"), None);
    }
}
