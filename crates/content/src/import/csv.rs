//! CSV (RFC 4180): commas, quotation marks doubled inside quotation marks, line ends inside them too.

use std::io::BufRead;

use thiserror::Error;

/// Bytes of a record at most.
const RECORD_BYTES_MAX: usize = 16 << 20;

/// Why a record cannot be read.
#[derive(Debug, Error)]
pub enum CsvFault {
    /// The file.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The record is cut, too long, not UTF-8, or holds what no store can keep.
    #[error("line {0}: {1}")]
    Record(usize, &'static str),
}

/// The records of a file, each with the line it starts on, from 1.
pub struct Records<R> {
    file: R,
    line: usize,
}

impl<R: BufRead> Records<R> {
    /// Reads from the start.
    pub const fn new(file: R) -> Self {
        Self { file, line: 0 }
    }

    fn read(&mut self) -> Result<Option<(usize, Vec<String>)>, CsvFault> {
        let mut raw = Vec::new();
        let start = self.line + 1;
        loop {
            let before = raw.len();
            let left = RECORD_BYTES_MAX.saturating_sub(before) as u64;
            std::io::Read::take(&mut self.file, left).read_until(b'\n', &mut raw)?;
            if raw.len() == before {
                return match before {
                    0 => Ok(None),
                    _ if before >= RECORD_BYTES_MAX => Err(CsvFault::Record(start, "too long")),
                    _ => Err(CsvFault::Record(start, "a quotation mark is not closed")),
                };
            }
            self.line += 1;
            // Inside quotation marks their number so far is odd.
            if raw.iter().filter(|byte| **byte == b'"').count() % 2 == 0 {
                break;
            }
        }
        let text = std::str::from_utf8(&raw).map_err(|_| CsvFault::Record(start, "not UTF-8"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n']);
        if text.contains('\0') {
            return Err(CsvFault::Record(start, "a character U+0000"));
        }
        Ok(Some((start, cells(text))))
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<(usize, Vec<String>), CsvFault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read().transpose()? {
                Ok((_, cells)) if cells.iter().all(String::is_empty) => {}
                other => return Some(other),
            }
        }
    }
}

fn cells(text: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut cells, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => push(&mut cells, other),
        }
    }
    cells
}

fn push(cells: &mut [String], char: char) {
    if let Some(last) = cells.last_mut() {
        last.push(char);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_keep_commas_line_ends_and_themselves() {
        let text = "\u{feff}a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\r\n\r\nlast,";
        let found: Vec<_> = Records::new(text.as_bytes()).map(Result::unwrap).collect();
        let cells = |line, a: &str, b: &str| (line, vec![a.to_owned(), b.to_owned()]);
        assert_eq!(found, [cells(1, "a", "b"), cells(2, "x, \"y\"", "two\nlines"), cells(5, "last", "")]);
    }

    #[test]
    fn an_open_quotation_mark_and_foreign_bytes_are_told_with_their_line() {
        let told = |bytes: &'static [u8]| Records::new(bytes).last().unwrap().unwrap_err().to_string();
        assert_eq!(told(b"a\n\"b\n"), "line 2: a quotation mark is not closed");
        assert_eq!(told(b"\xff\n"), "line 1: not UTF-8");
    }
}
