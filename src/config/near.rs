//! Suggestions for misspelt words.

use strsim::osa_distance;

/// Longer words are not compared: a word that long is not a slip of a letter or two.
const LONGEST: usize = 40;

/// The nearest of these words, if near enough: up to a third of its letters may be wrong, missing, extra or swapped.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|candidate| (osa_distance(&word, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(3) / 3).min(3))
        .min_by_key(|(distance, candidate)| (*distance, candidate.len().abs_diff(word.len())))
        .map(|(_, candidate)| candidate)
}

/// Splits a word and a number written together, such as `minpoll3`.
pub fn joined<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, String)> {
    let at = word.find(|letter: char| letter.is_ascii_digit())?;
    let (name, number) = (word.get(..at)?, word.get(at..)?);
    let is_number = number.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let name = name.trim_end_matches(['=', ':']);
    known.into_iter().find(|known| is_number && *known == name).map(|known| (known, number.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_get_a_suggestion() {
        let known = ["prefer", "minpoll", "maxpoll", "iburst", "burst", "key", "nts"];
        for (word, meant) in [
            ("perfer", Some("prefer")),
            ("mimpoll", Some("minpoll")),
            ("IBURST", Some("iburst")),
            ("ibrust", Some("iburst")),
            ("kye", Some("key")),
            ("xyzzy", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(100_000), known), None);
    }

    #[test]
    fn words_and_numbers_are_split() {
        assert_eq!(joined("minpoll3", ["minpoll"]), Some(("minpoll", "3".to_owned())));
        assert_eq!(joined("minpoll=3", ["minpoll"]), Some(("minpoll", "3".to_owned())));
        assert_eq!(joined("flag1", ["flag"]), Some(("flag", "1".to_owned())));
        assert_eq!(joined("minpollx", ["minpoll"]), None);
        assert_eq!(joined("minpoll3x", ["minpoll"]), None);
    }
}
