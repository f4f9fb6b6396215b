//! Parsing text from daemons.

use super::*;

#[test]
fn references_and_descriptions_are_parsed_with_care() {
    assert_eq!(reference(b"192.0.2.1"), Some([192, 0, 2, 1]));
    assert_eq!(
        (reference(b"GPS"), reference(b".INIT."), reference(b"\"PPS\"")),
        (Some(*b"GPS\0"), Some(*b"INIT"), Some(*b"PPS\0"))
    );
    assert_eq!((reference(b""), reference(b"LONGER")), (None, None));
    assert_eq!(description(b"ntpd 4.2.8p15@1.3728-o Wed Sep"), Some("ntpd 4.2.8p15".to_owned()));
    assert_eq!((description(b""), description(&[b'x'; 999]).unwrap().len()), (None, DESCRIPTION_LENGTH));
}
