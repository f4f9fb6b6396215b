//! PEM blocks, with the headers of the traditional form (RFC 1421), which today's readers refuse.

use super::AutokeyError;
use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

/// Characters of a line of octets.
const LINE: usize = 64;

/// A block between its first and its last line.
pub struct Block {
    /// The label: `PRIVATE KEY`, `CERTIFICATE` …
    pub label: String,
    /// The header lines, each a name and a value.
    pub headers: Vec<(String, String)>,
    /// The decoded octets.
    pub octets: Zeroizing<Vec<u8>>,
}

impl Block {
    /// Creates a block without headers.
    pub fn new(label: &str, octets: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        Self { label: label.to_owned(), headers: Vec::new(), octets: octets.into() }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// Formats the block, including line ends.
    pub fn to_text(&self) -> Zeroizing<String> {
        let octets = Zeroizing::new(Base64::encode_string(&self.octets));
        let mut text = Zeroizing::new(String::with_capacity(octets.len() * 66 / 64 + 256));
        text.push_str(&format!("-----BEGIN {}-----\n", self.label));
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        if !self.headers.is_empty() {
            text.push('\n');
        }
        let mut rest = octets.as_str();
        while !rest.is_empty() {
            let (line, others) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
            text.push_str(line);
            text.push('\n');
            rest = others;
        }
        text.push_str(&format!("-----END {}-----\n", self.label));
        text
    }
}

/// Reads all complete blocks of a text in order. Damaged blocks and text between blocks are skipped.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = marked(line, "-----BEGIN ") else { continue };
        let mut block = Block::new(label, Vec::<u8>::new());
        // Allocated once: growing would leave copies of a secret behind.
        let room = lines.clone().take_while(|line| !line.starts_with("-----END ")).map(str::len).sum();
        let mut octets = Zeroizing::new(String::with_capacity(room));
        let ended = loop {
            let Some(line) = lines.next() else { break false };
            if let Some(end) = marked(line, "-----END ") {
                break end == label;
            }
            match line.split_once(':') {
                Some((name, value)) if octets.is_empty() => {
                    block.headers.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                _ => octets.push_str(line),
            }
        };
        if let (true, Ok(decoded)) = (ended, Base64::decode_vec(&octets)) {
            block.octets = Zeroizing::new(decoded);
            blocks.push(block);
        }
    }
    blocks
}

/// Reads the first block whose label `wanted` accepts.
///
/// # Errors
/// [`AutokeyError::Pem`] if there is no such block.
pub fn first(text: &str, wanted: impl Fn(&str) -> bool) -> Result<Block, AutokeyError> {
    blocks(text).into_iter().find(|block| wanted(&block.label)).ok_or(AutokeyError::Pem)
}

/// The label in the first or last line of a block.
fn marked<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.strip_prefix(mark)?.strip_suffix("-----")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_are_found_between_other_lines() {
        let mut block = Block::new("DSA PRIVATE KEY", (0..100).collect::<Vec<_>>());
        block.headers.push(("Proc-Type".to_owned(), "4,ENCRYPTED".to_owned()));
        let text =
            format!("# a file\n\n{}\nnoise\n{}", *Block::new("A", vec![1]).to_text(), *block.to_text());
        let found = blocks(&text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].label.as_str(), found[0].octets.as_slice()), ("A", &[1][..]));
        assert_eq!(found[1].header("Proc-Type"), Some("4,ENCRYPTED"));
        assert_eq!(found[1].octets, block.octets);
        assert!(text.lines().all(|line| line.len() <= 64));
    }

    /// Each block allocates room for itself only: room for the whole text made this quadratic and took seconds.
    #[test]
    fn a_megabyte_of_empty_blocks_is_read_in_linear_time() {
        let text = "-----BEGIN A-----\n-----END A-----\n".repeat(1 << 15);
        assert_eq!(blocks(&text).len(), 1 << 15);
    }

    #[test]
    fn damaged_blocks_are_left_out() {
        for text in [
            "-----BEGIN A-----\nAQ==\n",
            "-----BEGIN A-----\nAQ==\n-----END B-----\n",
            "-----BEGIN A-----\nA!==\n-----END A-----\n",
        ] {
            assert!(first(text, |_| true).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn octets_come_back(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            let text = Block::new("X", octets.clone()).to_text();
            let block = first(&text, |label| label == "X").unwrap();
            prop_assert_eq!(block.octets.as_slice(), &octets);
        }

        #[test]
        fn any_text_is_read(text in "(-----(BEGIN|END) X-----|[A-Za-z:=\n -]{0,20}|\n){0,12}") {
            blocks(&text);
        }
    }
}
