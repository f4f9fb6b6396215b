//! Tokenising command lines as the classic program does.

use crate::compat::{Dialect, Quirk};

/// The longest command line, including its line end.
pub const LINE_LIMIT: usize = 512;

/// Splits a command line into tokens.
///
/// Blanks and tabs separate tokens. A quote at the start of a token runs to the next quote or the end of the line; a
/// quote ends an ordinary token. If the first token starts with a colon, everything after it is one token.
///
/// The classic program fails to skip a closing quote, which therefore opens another token, and takes the first octet of
/// a quoted token whatever it is.
pub fn tokenize(line: &[u8], dialect: Dialect) -> Vec<Vec<u8>> {
    let end = line.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0)).unwrap_or(line.len());
    let (mut rest, _) = line.split_at(end);
    let mut tokens: Vec<Vec<u8>> = Vec::new();
    loop {
        rest = skip_blanks(rest);
        if rest.is_empty() {
            return tokens;
        }
        if tokens.len() == 1 && tokens.first().is_some_and(|first| first.starts_with(b":")) {
            tokens.push(rest.to_vec());
            return tokens;
        }
        let (token, after) = match rest.strip_prefix(b"\"") {
            Some(quoted) if dialect.keeps(Quirk::QUOTES_SPLIT_WORDS) => classic_quoted(quoted),
            Some(quoted) => {
                let (token, after) = cut(quoted, |byte| byte == b'"');
                (token, after.strip_prefix(b"\"").unwrap_or(after))
            }
            None => cut(rest, |byte| matches!(byte, b' ' | b'\t' | b'"')),
        };
        tokens.push(token.to_vec());
        rest = after;
    }
}

/// Splits a command line at blanks and tabs only.
pub fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let end = line.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0)).unwrap_or(line.len());
    let words = line.get(..end).unwrap_or_default().split(|byte| matches!(byte, b' ' | b'\t'));
    words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect()
}

fn classic_quoted(quoted: &[u8]) -> (&[u8], &[u8]) {
    let tail = quoted.get(1..).unwrap_or_default();
    let length = tail.iter().position(|&byte| byte == b'"').map_or(quoted.len(), |at| at + 1);
    quoted.split_at(length)
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    cut(bytes, |byte| byte != b' ' && byte != b'\t').1
}

fn cut(bytes: &[u8], stop: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|&byte| stop(byte)).unwrap_or(bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str, dialect: Dialect) -> Vec<String> {
        tokenize(line.as_bytes(), dialect)
            .into_iter()
            .map(|token| String::from_utf8(token).unwrap())
            .collect()
    }

    #[test]
    fn lines_are_tokenised() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" \t", &[]),
            ("rv 0 stratum", &["rv", "0", "stratum"]),
            ("  rv\t\t0  ", &["rv", "0"]),
            ("rv 0 \"open end", &["rv", "0", "open end"]),
            ("rv 0 str\"at um", &["rv", "0", "str", "at um"]),
            (":config  server a  prefer > x", &[":config", "server a  prefer > x"]),
            ("rv 0\nnot this", &["rv", "0"]),
            ("peers >file", &["peers", ">file"]),
        ];
        for (line, expected) in cases {
            assert_eq!(texts(line, Dialect::Native), *expected, "{line:?}");
            assert_eq!(texts(line, Dialect::Classic), *expected, "{line:?}");
        }
    }

    #[test]
    fn a_closing_quote_ends_a_token_except_in_the_classic_dialect() {
        let line = r#"rv "0" "stratum" "leap" x y"#;
        assert_eq!(texts(line, Dialect::Native), ["rv", "0", "stratum", "leap", "x", "y"]);
        assert_eq!(texts(line, Dialect::Classic), ["rv", "0", " ", "stratum", " ", "leap", " x y"]);
        assert_eq!(texts(r#"rv 0 "" leap"#, Dialect::Native), ["rv", "0", "", "leap"]);
        assert_eq!(texts(r#"rv 0 "" leap"#, Dialect::Classic), ["rv", "0", "\" leap"]);
        assert_eq!(texts("rv 0 \"", Dialect::Classic), ["rv", "0", ""]);
    }
}
